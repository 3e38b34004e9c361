import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobNames } from "../../../../harness/commands/serve-jobs.js";

describe("harness/commands/serve-jobs", () => {
  it("finds jobs, passes of soaks and runs of shrinks, the latest first, and nothing else", async () => {
    const results = mkdtempSync(join(tmpdir(), "migstorm-serve-jobs-"));
    try {
      for (const name of ["job-1", "soak-a/job-3", "shrink-b/job-2", "shrink-b/other", "other/job-4"])
        mkdirSync(join(results, name), { recursive: true });
      assert.deepEqual(await jobNames(results), ["soak-a/job-3", "shrink-b/job-2", "job-1"]);
    } finally {
      rmSync(results, { recursive: true, force: true });
    }
  });
});
