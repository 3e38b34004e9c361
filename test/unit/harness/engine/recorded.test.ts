import assert from "node:assert/strict";
import { asPoll, recorded } from "../../../../harness/engine/recorded.js";
import type { CommandRecord } from "../../../../lib/model/result.js";
import type { Remote } from "../../../../lib/transport/transport.js";

/** What is recorded of one command that ends so. */
async function told(exitCode: number | Error, isPoll: boolean): Promise<CommandRecord[]> {
  const records: CommandRecord[] = [];
  const run: Remote["run"] = async (command) => {
    if (exitCode instanceof Error) throw exitCode;
    return { command, host: "h1", exitCode, stdout: "", stderr: "", durationMs: 1 };
  };
  const remote = recorded(
    { name: "h1", run } as Remote,
    () => 5,
    (record) => records.push(record),
  );
  const asked = isPoll ? asPoll(remote.run) : remote.run;
  await asked({ file: "dmesg", args: ["-r"], timeoutMs: 1_000 }).catch(() => undefined);
  return records;
}

describe("what is recorded", () => {
  const record = { host: "h1", argv: ["dmesg", "-r"], startMs: 5, durationMs: 0 };
  it("is every command, also one that nobody answers", async () => {
    assert.deepEqual(await told(0, false), [{ ...record, exitCode: 0 }]);
    assert.deepEqual(await told(new Error("away"), false), [record]);
  });
  it("is of what is asked again and again only what did not succeed", async () => {
    assert.deepEqual(await told(0, true), []);
    assert.deepEqual(await told(1, true), [{ ...record, exitCode: 1 }]);
    assert.deepEqual(await told(new Error("away"), true), [record]);
  });
});
