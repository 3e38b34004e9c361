import assert from "node:assert/strict";
import type { CaseContext } from "../../../../harness/engine/context.js";
import { installTools } from "../../../../harness/engine/install-tools.js";
import { CancelCase, HarnessError } from "../../../../lib/errors.js";
import { inventorySchema } from "../../../../lib/model/inventory.js";
import { paramsSchema } from "../../../../lib/model/params.js";
import type { Remote, Run } from "../../../../lib/transport/transport.js";
import { fakeCase, PLAN } from "./fake-case.js";

const image = { kernel: "/k", login: { hostKey: "first-use" } };
const inventory = inventorySchema.parse({
  hosts: ["h1", "h2"].map((name) => ({ name, peerUri: `qemu+tcp://${name}/system` })),
  images: { given: { ...image, installTools: true }, bare: image },
  network: { bridge: "br0" },
});
const IN_GUESTS = ["stress", "stress-ng", "stress"].map((tool) => ({ on: "guests", tool, args: ["--cpu", "1"] }));
const ON_HOST = { on: "source", tool: "stress-ng", args: ["--cpu", "1"] };

type End = () => { exitCode: number; stderr: string };

/** Installs in two guests whose image allows it and in one whose does not. */
async function installed(load: readonly object[], end: End, signal = new AbortController().signal) {
  const asked: string[] = [];
  const running = new Set<string>();
  let most = 0;
  const run =
    (host: string): Run =>
    async (command, stop) => {
      assert.ok(!running.has(host), `${host} installs twice at once`);
      asked.push(`${host}: ${command.what}`);
      running.add(host);
      most = Math.max(most, running.size);
      await new Promise((resolve) => setImmediate(resolve));
      running.delete(host);
      stop?.throwIfAborted();
      return { command, host, stdout: "", durationMs: 1, ...end() };
    };
  const fake = fakeCase({ h1: {}, h2: {}, observer: {} });
  const [planned] = PLAN.guests;
  assert.ok(planned !== undefined);
  for (const [name, from] of [["g1", "given"] as const, ["g2", "given"] as const, ["g3", "bare"] as const])
    fake.state.guests.set(name, {
      planned: { ...planned, name, image: from },
      expectedHost: "h1",
      remote: { name, run: run(name) } as Remote,
    });
  const plan = { ...fake.plan, case: { ...fake.plan.case, params: paramsSchema.parse({ load }) } };
  const ctx: CaseContext = { ...fake, plan, inventory };
  const reason: unknown = await installTools(ctx, signal).catch((error: unknown) => error);
  return { asked: asked.toSorted(), most, reason };
}

const done: End = () => ({ exitCode: 0, stderr: "" });
const failing =
  (code: "deadline" | "unreachable"): End =>
  () => {
    throw new HarnessError(code, "g1: sh ran past 300000 ms");
  };

describe("installTools", () => {
  it("installs each tool once in each guest that may have it, one after another, and guests at the same time", async () => {
    const { asked, most, reason } = await installed(IN_GUESTS, done);
    const both = ["g1", "g2"].flatMap((name) => [`${name}: install stress`, `${name}: install stress-ng`]);
    assert.deepEqual([reason, asked, most], [undefined, both, 2]);
  });
  it("installs nothing for a load on a host", async () => {
    assert.deepEqual(await installed([ON_HOST], done), { asked: [], most: 0, reason: undefined });
  });
  it("cancels a case whose tool could not be installed, in the manager's words", async () => {
    const stderr = "apt-get ended with 100:\n\x1b[31mE: Unable to locate package stress\x1b[0m\n";
    const { reason } = await installed(IN_GUESTS, () => ({ exitCode: 1, stderr }));
    assert.ok(reason instanceof CancelCase, String(reason));
    const told =
      /^g[12] has no stress, and it could not be installed: apt-get ended with 100: E: Unable to locate package stress$/;
    assert.match(reason.message, told);
  });
  it("takes a repository that does not answer for one that does not have the tool, and a lost guest for no answer", async () => {
    const late = (await installed(IN_GUESTS, failing("deadline"))).reason;
    assert.ok(late instanceof CancelCase, String(late));
    assert.match(late.message, /could not be installed: g1: sh ran past 300000 ms$/);
    const lost = (await installed(IN_GUESTS, failing("unreachable"))).reason;
    assert.ok(lost instanceof HarnessError && lost.code === "unreachable", String(lost));
  });
  it("is stopped with its step", async () => {
    const reason = new Error("Ctrl-C");
    assert.equal((await installed(IN_GUESTS, done, AbortSignal.abort(reason))).reason, reason);
  });
});
