import assert from "node:assert/strict";
import { addressOf, logIn } from "../../../../harness/engine/log-in.js";
import { HarnessError } from "../../../../lib/errors.js";
import { paramsSchema } from "../../../../lib/model/params.js";
import type { Remote, Run } from "../../../../lib/transport/transport.js";
import { fakeCase } from "./fake-case.js";

describe("addressOf", () => {
  const gone: Run = async (command) => ({
    ...{ command, host: "h1", exitCode: 1, stdout: "", durationMs: 1 },
    stderr: "error: failed to get domain 'g1'",
  });
  const ctx = fakeCase({ h1: { run: gone }, h2: { run: gone }, observer: {} });
  const [guest] = ctx.plan.guests;
  assert.ok(guest !== undefined);

  it("is what a guest was met at, when the host that it began on has it no more", async () =>
    assert.equal(await addressOf(ctx, guest), "198.18.1.1"));

  it("is asked from libvirt for one that nobody has met", async () =>
    assert.equal(await addressOf(ctx, { ...guest, name: "g2" }), undefined));
});

describe("logIn", () => {
  const TABLE = " vnet0      52:54:00:00:00:02    ipv4         198.18.1.2/16\n";
  const planned = { name: "b1", image: "tiny", host: "h1", mac: "52:54:00:00:00:02" };
  const remote = { name: "b1" } as Partial<Remote> as Remote;

  /** Tries that were in vain, when libvirt answers a question about the address like this, and the guest tries to log in like that. */
  const vain = async (answers: readonly ("nothing" | "broken" | "address")[], tries: readonly boolean[]) => {
    const [asked, tried] = [[...answers], [...tries]];
    const run: Run = async (command) => {
      // The lease is asked for first, and the other sources only when it says nothing.
      const answer = command.args.includes("lease") ? asked.shift() : "nothing";
      if (answer === "broken") throw new Error("keepalive timed out");
      const stdout = answer === "nothing" ? "" : TABLE;
      return { command, host: "h1", exitCode: 0, stdout, stderr: "", durationMs: 1 };
    };
    const fake = fakeCase({ h1: { run }, h2: {}, observer: {} });
    let clock = 0;
    const begun: number[] = [];
    const told: number[] = [];
    const ctx = {
      ...fake,
      nowMs: () => (clock += 1),
      openGuest: async () => {
        begun.push(clock);
        if (tried.shift() !== true) throw new Error("nothing listens");
        return remote;
      },
    };
    const { address } = await logIn(ctx, planned, new AbortController().signal, (atMs) => void told.push(atMs));
    assert.deepEqual([address, asked], ["198.18.1.2", []]);
    assert.deepEqual(told, begun.slice(0, -1), "it is told when each of them began");
    return told.length;
  };

  it("tells of each try to log in that was in vain", async () =>
    assert.equal(await vain(["address", "address", "address"], [false, false, true]), 2));

  it("tells who answers and lets nobody in from who does not answer", async () => {
    const run: Run = async (command) => ({
      ...{ command, host: "h1", exitCode: 0, stdout: TABLE, stderr: "", durationMs: 1 },
    });
    const codeOf = async (reason: string): Promise<unknown> => {
      const fake = fakeCase({ h1: { run }, h2: {}, observer: {} });
      const params = paramsSchema.parse({ limits: { boot: "60ms" } });
      const ctx = {
        ...fake,
        plan: { ...fake.plan, case: { ...fake.plan.case, params } },
        openGuest: () => Promise.reject(new HarnessError("unreachable", "no", { reason })),
      };
      return logIn(ctx, planned, new AbortController().signal).catch((error) => `${error.code}: ${error.message}`);
    };
    const waited = "waited 0.06 s for the ssh of b1 to answer (last: no)";
    assert.deepEqual(
      await Promise.all(["host-key", "no-such-key", "login", "refused", "timeout"].map(codeOf)),
      ["unreachable", "unreachable", "unreachable", "deadline", "deadline"].map((code) => `${code}: ${waited}`),
    );
  });

  it("takes nothing for in vain while nobody knows an address, also where libvirt cannot be asked", async () => {
    assert.equal(await vain(["nothing", "nothing", "address"], [true]), 0);
    assert.equal(await vain(["broken", "nothing", "broken", "address"], [true]), 0);
  });
});
