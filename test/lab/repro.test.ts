import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { assertAsBefore, type FinishedJob, runJob, scenario, type TestLab, testLab } from "../support/lab-job.js";

const REFUSED = /error: unable to connect to server at '\S+:4915\d': Connection refused/;

/** Beside the job's program there is a shell and ssh, as an engineer would have them. */
const shell = (path: string): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> =>
  new Promise((resolve) => {
    execFile("sh", [path], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });

describe("repro.sh and undo.sh", function () {
  this.timeout(180_000);
  let lab: TestLab;
  let job: FinishedJob;
  const scriptOf = (variant: string, name: string): string =>
    join(job.folder, "test-results", `again.${variant}`, name);

  before(async () => {
    lab = await testLab();
    job = await runJob(
      lab,
      await scenario(
        lab,
        "again",
        {
          guests: { count: 2, image: "tiny-a", memory: "128MiB" },
          movement: { pattern: "simultaneous" },
          migration: { maxDowntime: "400ms" },
          load: [{ on: "guests", tool: "stress-ng", args: ["--cpu", "1", "--cpu-load", "2", "--timeout", "600"] }],
        },
        {
          way: {
            open: {},
            "closed-back": { faults: [{ do: "block-data", on: "target", leg: 2 }] },
          },
        },
      ),
    );
  });
  after(() => lab?.down());

  it("a case that passed has none", async () => {
    assert.deepEqual(
      job.result.cases.map(({ status }) => status),
      ["PASS", "FAIL"],
    );
    await assert.rejects(access(scriptOf("open", "repro.sh")));
  });

  it("a failure of guests that were taken over is had again, with the same words, and taken back", async () => {
    const again = await shell(scriptOf("closed-back", "repro.sh"));
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, REFUSED);
    assert.deepEqual(again.stdout.match(/^migration .*$/gm)?.sort(), [
      "migration 1: ended with 0, then with 0",
      "migration 2: ended with 0, then with 0",
      "migration 3: ended with 1, then with 1",
      "migration 4: ended with 1, then with 1",
    ]);

    assert.deepEqual(await shell(scriptOf("closed-back", "undo.sh")), { code: 0, stdout: "", stderr: "" });
    await assertAsBefore(lab);
  });

  it("undo.sh is harmless twice", async () => {
    assert.equal((await shell(scriptOf("closed-back", "undo.sh"))).code, 0);
    await assertAsBefore(lab);
  });
});
