import assert from "node:assert/strict";
import { settle } from "../../../../harness/engine/settle.js";
import type { Command } from "../../../../lib/model/command.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fakeCase, MOVE } from "./fake-case.js";

const DIR = "/run/migstorm/job-ab12cd3/g1-leg1";
const RUNNING = "Domain: 'g1'\n  state.state=1\n";

describe("a migration whose answer was lost", () => {
  /** What the hosts list, and the exit code of the question for a trace of virsh. */
  const settled = (source: string, target: string, trace?: number) => {
    const host =
      (name: string, domains: string): Run =>
      async (command: Command) => {
        const isTrace = command.file === "test";
        if (isTrace) assert.deepEqual([name, command.args, trace === undefined], ["h1", ["-e", `${DIR}/out`], false]);
        const exitCode = isTrace ? (trace ?? -1) : 0;
        return { command, host: name, exitCode, stdout: isTrace ? "" : domains, stderr: "", durationMs: 1 };
      };
    const ctx = fakeCase({ h1: { run: host("h1", source) }, h2: { run: host("h2", target) }, observer: {} });
    return settle(ctx, MOVE, DIR, "connection lost");
  };

  it("is completed when the target alone has the guest", async () =>
    assert.equal((await settled("", RUNNING)).outcome, "completed"));

  it("has failed when the source still has it and virsh began", async () => {
    const { outcome, error } = await settled(RUNNING, "", 0);
    assert.equal(outcome, "failed");
    assert.equal(error, "the answer was lost (connection lost); found running on h1, absent on h2");
  });

  it("was not started when the source still has it and nothing shows that virsh began", async () => {
    const { outcome, error } = await settled(RUNNING, "", 1);
    assert.equal(outcome, "not-started");
    assert.match(error ?? "", /\(connection lost\); found running on h1, .*, nothing shows that virsh began$/);
  });
});
