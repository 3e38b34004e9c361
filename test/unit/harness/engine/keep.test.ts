import assert from "node:assert/strict";
import type { CaseContext } from "../../../../harness/engine/context.js";
import { keeping } from "../../../../harness/engine/keep.js";
import type { Evidence } from "../../../../lib/model/check.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { evidence } from "../checks/build.js";
import { fakeCase } from "./fake-case.js";

describe("hosts that are kept as a case left them", () => {
  const UNTIL = "2026-11-21T14:42:00.000Z";
  let done: string[];
  let stored: Evidence[];
  let ctx: CaseContext;
  const kept = (hold: () => Promise<string>) =>
    keeping(ctx, {
      gather: async () => evidence(),
      store: async (given) => {
        done.push("store");
        stored.push(given);
      },
      collectOnce: async () => void done.push("collect"),
      hold,
    });

  beforeEach(() => {
    [done, stored] = [[], []];
    const run =
      (host: string, stdout: string): Run =>
      async (command) => ({ command, host, exitCode: 0, stdout, stderr: "", durationMs: 1 });
    const table = "Domain: 'g1'\n  state.state=3\n";
    const fake = fakeCase({ h1: { run: run("h1", table) }, h2: { run: run("h2", "") }, observer: {} });
    ctx = { ...fake, herd: { ...fake.herd, logOut: async () => void done.push("log out") } };
    ctx.state.stopBoots.push(async () => void done.push("stop the boots"));
  });

  it("are judged once nobody resets guests any more, without what is left there", async () => {
    const gathered = await kept(async () => UNTIL).evidence();
    assert.deepEqual([done, gathered.areHostsKept], [["stop the boots"], true]);
  });
  it("are collected from and have their evidence stored before they are held, and logged out of behind that", async () => {
    const keep = kept(async () => {
      done.push("hold");
      return UNTIL;
    });
    await keep.evidence();
    assert.deepEqual(await keep.hold("FAIL"), {
      hosts: ["h1", "h2"],
      until: UNTIL,
      guests: [{ guest: "g1", places: [{ host: "h1", state: "paused" }], address: "198.18.1.1" }],
    });
    assert.deepEqual(done, ["stop the boots", "collect", "store", "hold", "log out"]);
    assert.equal(stored[0]?.areHostsKept, true);
  });
  it("stay logged in to where they cannot be held: they are put back then", async () => {
    await assert.rejects(kept(() => Promise.reject(new Error("h2: no answer"))).hold("ERROR"), /h2: no answer/);
    assert.ok(!done.includes("log out"));
  });
  it("are held too where one of them, or none, can say where the guests are", async () => {
    const silence = (name: string): void => {
      const silent: Run = () => Promise.reject(new Error("no answer"));
      Object.assign(ctx.hosts.get(name)?.remote ?? {}, { run: silent });
    };
    const places = async () => (await kept(async () => UNTIL).hold("ERROR")).guests.map((guest) => guest.places);
    silence("h2");
    assert.deepEqual(await places(), [[{ host: "h1", state: "paused" }]]);
    silence("h1");
    assert.deepEqual(await places(), [[]]);
  });
});
