import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replay } from "../../../../harness/commands/replay.js";
import type { JobPlan } from "../../../../lib/model/result.js";
import { buildCase, buildJobPlan, buildPlan } from "../../../support/build.js";

describe("harness/commands/replay", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "migstorm-replay-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const job = async (plan: JobPlan, over: object = {}): Promise<void> => {
    const record = { jobId: plan.jobId, argv: [], inventory: {}, hosts: ["h1", "h2"], ...over };
    await writeFile(join(folder, "job.json"), JSON.stringify(record));
    await writeFile(join(folder, "plan.json"), JSON.stringify(plan));
  };
  const run = (id: string): Promise<number> =>
    replay(folder, { resultsDir: join(folder, "results"), id: [id] }, () => undefined);

  it("refuses what is no job's folder, and an id that the job does not have", async () => {
    await assert.rejects(run("a"), { code: "bad-input", message: /is not the folder of a job/ });
    await job(buildJobPlan());
    await assert.rejects(run("smoke.orderly.precop"), { code: "bad-input", message: /did you mean/ });
  });

  it("refuses parameters of a version that had others", async () => {
    const { movement: _, ...rest } = buildCase().params;
    await job(buildJobPlan({ plans: [buildPlan({ case: buildCase({ params: rest as never }) })] }));
    await assert.rejects(run("*"), {
      code: "bad-input",
      message: /another version of migstorm.*\nsmoke\.orderly\.precopy has no movement\./,
    });
  });

  it("says when the lab of the job is gone", async () => {
    await job(buildJobPlan(), { lab: "run-0000000" });
    await assert.rejects(run("*"), { code: "unreachable", message: /^the lab run-0000000 of \S+ is gone: say --lab/ });
  });
});
