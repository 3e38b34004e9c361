import assert from "node:assert/strict";
import { caseWorld } from "../../../../harness/engine/case-world.js";
import type { CaseContext } from "../../../../harness/engine/context.js";
import { STATUSES, type Status } from "../../../../lib/model/status.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fakeCase } from "./fake-case.js";

const CLEAN = { domains: ["web"], qemuProcesses: ["web"], migrationListeners: [], firewallRules: [] };

describe("guests that were left, of a case that did not pass", () => {
  let asked: string[];
  let printed: string;
  let ctx: CaseContext;
  const leave = (status: Status) =>
    caseWorld(ctx, {
      undoAll: async () => [],
      store: async () => undefined,
      storeCollected: async (host) => {
        asked.push(`store ${host}`);
        throw new Error("the disk is full");
      },
    }).leave(status);

  beforeEach(() => {
    [asked, printed] = [[], "== domains\nweb\n== qemu\nguest=web\n== listeners\n== firewall\n== end\n"];
    const run: Run = async (command) => {
      asked.push(command.args[1]?.includes("domjobinfo") ? "collect" : "look");
      return { command, host: "h1", exitCode: 0, stdout: printed, stderr: "", durationMs: 1 };
    };
    const fake = fakeCase({ h1: { run }, h2: { run }, observer: {} });
    const dismiss = async (): Promise<readonly string[]> => {
      asked.push("dismiss");
      return ["h1: guest g1: busy"];
    };
    ctx = { ...fake, herd: { ...fake.herd, dismiss } };
    ctx.state.areGuestsLeft = true;
    for (const state of ctx.state.hosts.values()) state.before = CLEAN;
  });

  it("are taken away, once the hosts were collected from, and both hosts are looked at again behind that", async () => {
    assert.deepEqual(await leave("FAIL"), ["h1: guest g1: busy"]);
    assert.deepEqual(asked, ["collect", "collect", "store h1", "store h2", "dismiss", "look", "look"]);
  });
  it("leave behind what is named: domains, QEMU processes, listeners", async () => {
    printed = "== domains\nweb\ng1\n== qemu\nguest=web\nguest=g1\n== listeners\n00000000:C000\n== firewall\n== end\n";
    assert.deepEqual((await leave("FAIL")).slice(1, 4), [
      "h1: domains are left: g1",
      "h1: QEMU still runs for g1",
      "h1: something listens on port 49152",
    ]);
  });
  it("leave nobody knows what, where a host cannot be looked at", async () => {
    printed = "== domains\n";
    const [, ...told] = await leave("FAIL");
    assert.equal(told.length, 2);
    for (const line of told) assert.match(line, /^h[12]: what the guests left nobody can say: .*cannot look/);
  });
  it("are taken away after every verdict but PASS", async () => {
    for (const status of STATUSES.filter((one) => one !== "PASS")) {
      asked = [];
      await leave(status);
      assert.ok(asked.includes("dismiss"), status);
    }
  });
  it("run on after a PASS", async () => {
    assert.deepEqual(await leave("PASS"), []);
    assert.deepEqual(asked, []);
  });
  it("were gone before the evidence, where none were left: nobody looks again", async () => {
    ctx.state.areGuestsLeft = false;
    await leave("FAIL");
    assert.deepEqual(asked, ["collect", "collect", "store h1", "store h2", "dismiss"]);
  });
});
