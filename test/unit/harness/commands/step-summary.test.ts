import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { report } from "../../../../harness/commands/report.js";
import { appendStepSummary } from "../../../../harness/commands/step-summary.js";
import { buildJobPlan } from "../../../support/build.js";

describe("the summary of a CI step", () => {
  let folder: string;
  let target: string;
  const told: string[] = [];
  const write = (text: string): void => {
    told.push(text);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-summary-"));
    target = join(folder, "step");
    told.length = 0;
    writeFileSync(join(folder, "summary.md"), "## ours\n");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is added to what the step has said before", async () => {
    await appendStepSummary(folder, write, target);
    writeFileSync(target, "before\n");
    await appendStepSummary(folder, write, target);
    assert.equal(readFileSync(target, "utf8"), "before\n## ours\n");
    assert.deepEqual(told, []);
  });

  it("is nothing where no file is named", async () => {
    await appendStepSummary(folder, write, "");
    assert.deepEqual(told, []);
  });

  it("is left out where GitHub would drop all of it, and that is told", async () => {
    writeFileSync(target, "x".repeat(1024 * 1024 - 3));
    await appendStepSummary(folder, write, target);
    assert.equal(readFileSync(target).length, 1024 * 1024 - 3);
    assert.match(told.join(""), /^the summary of the CI step could not be written: .*1 MiB\n$/);
  });

  it("costs nothing but a line where it cannot be written", async () => {
    await appendStepSummary(folder, write, join(folder, "summary.md", "no-folder"));
    assert.match(told.join(""), /^the summary of the CI step could not be written: ENOTDIR/);
  });

  it("is written by report, whose exit code is the job's all the same", async () => {
    writeFileSync(join(folder, "plan.json"), JSON.stringify(buildJobPlan()));
    writeFileSync(join(folder, "events.ndjson"), "");
    const before = process.env.GITHUB_STEP_SUMMARY;
    try {
      process.env.GITHUB_STEP_SUMMARY = target;
      const code = await report(folder, write);
      assert.match(readFileSync(target, "utf8"), /^## migstorm: 0 of 1 cases went wrong/m);
      process.env.GITHUB_STEP_SUMMARY = folder;
      assert.equal(await report(folder, write), code);
      assert.match(told.join(""), /the summary of the CI step could not be written/);
    } finally {
      if (before === undefined) delete process.env.GITHUB_STEP_SUMMARY;
      else process.env.GITHUB_STEP_SUMMARY = before;
    }
  });
});
