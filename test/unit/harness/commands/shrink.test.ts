import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failedCase } from "../../../../harness/commands/failed-case.js";
import { readKnownRuns } from "../../../../harness/commands/known-runs.js";
import { runCommand } from "../../../../harness/commands/shrink.js";
import { type ShrinkCase, shrinkCase } from "../../../../harness/commands/shrink-case.js";
import type { Case } from "../../../../lib/model/case.js";
import type { CaseResult } from "../../../../lib/model/result.js";
import type { Outcome, ShrinkRun, ShrinkSummary } from "../../../../lib/model/shrink.js";
import { renderJson } from "../../../../reports/json.js";
import {
  buildCase,
  buildCheck,
  buildJob,
  buildJobPlan,
  buildParams,
  buildPlan,
  buildResult,
} from "../../../support/build.js";

const RED = buildCheck({ status: "FAIL", message: "guest ms-ab12cd3-001-g1 is on no host" });

describe("harness/commands/shrink", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "migstorm-shrink-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const testCase = buildCase({
    params: buildParams({ guests: { count: 2 }, movement: { rounds: 3 }, migration: { autoConverge: true } }),
  });

  describe("the case that failed", () => {
    async function job(...results: readonly CaseResult[]): Promise<void> {
      const plan = buildJobPlan({ plans: results.map((one) => buildPlan({ case: one.case, herd: "smoke.first" })) });
      const record = { jobId: plan.jobId, argv: [], inventory: {}, hosts: ["h1", "h2"], seed: 1 };
      await writeFile(join(folder, "job.json"), JSON.stringify(record));
      await writeFile(join(folder, "plan.json"), JSON.stringify(plan));
      await writeFile(join(folder, "results.json"), renderJson(buildJob(results)));
    }

    it("is told with its signature, the check that said so and whose guests it had", async () => {
      await job(buildResult({ case: testCase, status: "FAIL", checks: [buildCheck(), RED] }));
      const { signature, check, guestsOf } = await failedCase(folder, "smoke.*");
      assert.deepEqual([signature, check, guestsOf], ["FAIL outcome: guest * is on no host", "outcome", "smoke.first"]);
    });

    it("is refused where it did not fail, was cut off, or is not one", async () => {
      const bad = (message: RegExp) => ({ code: "bad-input", message });
      await assert.rejects(failedCase(folder, "a"), bad(/is not the folder of a job/));
      for (const status of ["PASS", "WARN", "SKIP", "INTERRUPTED"] as const) {
        await job(buildResult({ case: testCase, status }));
        await assert.rejects(failedCase(folder, testCase.id), bad(new RegExp(`did not fail in .* it was ${status}: `)));
      }
      await assert.rejects(failedCase(folder, "smoke.orderly.precop"), bad(/did you mean/));
      await job(buildResult({ case: testCase }), buildResult({ case: { ...testCase, id: "smoke.other" } }));
      await assert.rejects(failedCase(folder, "smoke.*"), bad(/stands for 2 cases/));
    });
  });

  describe("the line that runs the smallest case", () => {
    const line = (job: Parameters<typeof runCommand>[0], place: Partial<Parameters<typeof runCommand>[1]>): string =>
      runCommand(job, { hosts: ["h3", "h1"], ...place }, "/r")
        .slice(4)
        .join(" ");
    const argv = ["run", "x.yaml", "--inventory", "a.yaml"];

    it("names the hosts, and the inventory in either way to write it", () => {
      assert.equal(line({ argv }, {}), "--inventory a.yaml --hosts h3,h1");
      assert.equal(line({ argv: ["run", "--inventory=b=1.yaml"] }, {}), "--inventory b=1.yaml --hosts h3,h1");
      assert.equal(line({ argv: ["run"] }, { hosts: undefined }), "--inventory cfg/inventory.yaml");
      assert.equal(line({ argv }, { inventory: "c.yaml" }), "--inventory c.yaml --hosts h3,h1");
    });

    it("brings up a lab where the hosts were of one, whose hosts are called otherwise", () => {
      assert.equal(line({ argv }, { lab: true, memory: 900 }), "--lab --memory 900");
      assert.equal(line({ argv: ["run", "--lab"], lab: "run-ab12cd3" }, {}), "--lab");
      assert.equal(line({ argv, lab: "run-ab12cd3" }, { inventory: "c.yaml" }), "--inventory c.yaml --hosts h3,h1");
    });
  });

  describe("the search", () => {
    /** Runs that end as the world says; the number of a run counts from 1. */
    async function shrunk(world: (testCase: Case, number: number) => Outcome, over: Partial<ShrinkCase> = {}) {
      let [printed, number] = ["", 0];
      const { plan, job } = { plan: buildJobPlan(), job: { jobId: "job-x", argv: [] } as never };
      const exitCode = await shrinkCase({
        failed: { folder: "/results/job-x", job, plan, testCase, signature: "FAIL outcome: *", check: "outcome" },
        runs: {
          run: async (one): Promise<ShrinkRun> => {
            number += 1;
            return { outcome: world(one, number), status: "FAIL", durationMs: 1_000 };
          },
          whyBroken: () => undefined,
        },
        ...{ folder, shrinkId: "shrink-x", startedAt: new Date(0), signal: new AbortController().signal },
        write: (text) => {
          printed += text;
        },
        ...{ repeats: 3, maxRuns: 4, command: ["npx", "migstorm", "run", "a b.yaml"] },
        ...over,
      });
      const summary: ShrinkSummary = JSON.parse(await readFile(join(folder, "shrink.json"), "utf8"));
      return { exitCode, printed, summary, yaml: await readFile(join(folder, "shrunk.yaml"), "utf8") };
    }

    it("ends with the case as a file that was confirmed, and what was taken away", async () => {
      const { exitCode, printed, summary, yaml } = await shrunk(({ params }) =>
        params.migration.autoConverge && params.movement.rounds >= 2 ? "same" : "other",
      );
      assert.equal(exitCode, 0);
      assert.match(printed, /^ORIGINAL {3}: 3 of 3 runs failed so: 100\.0 %; with 95 % confidence between 43\.9 %/m);
      assert.match(
        printed,
        /^BELIEVED {3}: the failure is gone after 2 runs without it; that is wrong 3\.8 % of the time$/m,
      );
      assert.match(printed, /^ \(3\) movement\.rounds 2 instead of 3: FAIL \(1\.00 s\), the same failure -> TAKEN$/m);
      assert.match(printed, /^SMALLEST {3}: 3 of 3 runs failed so/m);
      assert.match(printed, /^RUN {8}: npx migstorm run 'a b\.yaml'$/m);
      assert.ok(printed.includes(yaml.trim()));
      assert.match(yaml, /^base:\n {2}movement: \{ rounds: 2 \}\n {2}migration: \{ autoConverge: true \}\n$/m);
      assert.match(yaml, /^# failure: FAIL outcome: \*\n# taken away: /);
      assert.deepEqual(
        [summary.isSmallest, summary.taken, summary.ended, summary.confirmed.length, summary.exitCode],
        [true, ["movement.rounds 2 instead of 3", "guests.count 1 instead of 2"], "everything was tried", 3, 0],
      );
      assert.equal(summary.probes.find(({ decision }) => decision === "left-out")?.runs.length, 2);
    });

    it("claims nothing where the failure is not had again", async () => {
      const { exitCode, printed, summary } = await shrunk(() => "other");
      assert.equal(exitCode, 2);
      assert.match(printed, /^ENDED {6}: the failure could not be had again in 3 runs: nothing was tried/m);
      assert.match(printed, /^TAKEN AWAY : nothing$/m);
      assert.doesNotMatch(printed, /MINIMAL/);
      assert.deepEqual([summary.probes, summary.isSmallest, summary.params], [[], false, testCase.params]);
    });

    it("gives back what failed once and never again", async () => {
      // Whatever is run for the first time fails; what is run again does so only as long as it converges by itself.
      const known = new Set<string>();
      const { exitCode, printed, summary } = await shrunk(({ params }) => {
        const isFirst = !known.has(JSON.stringify(params));
        known.add(JSON.stringify(params));
        return isFirst || params.migration.autoConverge ? "same" : "other";
      });
      assert.equal(exitCode, 0, printed);
      assert.match(printed, /^GIVEN BACK : without migration$/m);
      assert.equal(summary.isSmallest, false);
      assert.deepEqual(summary.params, buildParams({ migration: { autoConverge: true } }));
    });

    it("tells no runs of what was given back as those of what is left", async () => {
      // Anything smaller fails once, and never again.
      const known = new Set<string>();
      const { exitCode, summary } = await shrunk(({ params }) => {
        const isFirst = !known.has(JSON.stringify(params));
        known.add(JSON.stringify(params));
        return isFirst || params === testCase.params ? "same" : "other";
      });
      assert.deepEqual([exitCode, summary.taken, summary.confirmed], [0, [], []]);
    });

    it("is stopped with the best case by then, whose file is there", async () => {
      const stop = new AbortController();
      const { exitCode, printed, summary, yaml } = await shrunk(
        (_, number) => {
          if (number === 4) stop.abort(new Error("stopped by SIGINT"));
          return "same";
        },
        { signal: stop.signal },
      );
      assert.equal(exitCode, 8);
      assert.match(printed, /^ENDED {6}: stopped by SIGINT$/m);
      assert.deepEqual([summary.taken.length, summary.isSmallest, summary.confirmed], [1, false, []]);
      assert.match(yaml, /^base:\n {2}migration: \{ autoConverge: true \}\n$/m);
      assert.match(yaml, /^summary: smoke\.orderly\.precopy of job-x, smaller and with the same failure$/m);
    });

    it("goes on where another one was stopped, and runs nothing twice", async () => {
      const fails = ({ params }: Case): Outcome => (params.movement.rounds >= 2 ? "same" : "other");
      const stop = new AbortController();
      await shrunk(
        (one, number) => {
          if (number === 6) stop.abort(new Error("stopped"));
          return fails(one);
        },
        { signal: stop.signal },
      );
      const failed = { job: { jobId: "job-x" }, testCase, signature: "FAIL outcome: *" } as never;
      const known = await readKnownRuns(folder, failed);
      let runs = 0;
      const { summary } = await shrunk(
        (one) => {
          runs += 1;
          return fails(one);
        },
        { known },
      );
      const whole = await shrunk(fails);
      assert.deepEqual(
        { ...summary, durationMs: 0, startedAt: "" },
        { ...whole.summary, durationMs: 0, startedAt: "" },
      );
      const all = [summary.original, summary.confirmed, ...summary.probes.map((probe) => probe.runs)].flat();
      assert.equal(runs, all.length - 6);
      assert.ok(runs > 0);
      await assert.rejects(readKnownRuns(join(folder, "none"), failed), {
        code: "bad-input",
        message: /not the folder/,
      });
      const other = { job: { jobId: "job-y" }, testCase, signature: "FAIL outcome: *" } as never;
      await assert.rejects(readKnownRuns(folder, other), { code: "bad-input", message: /looked for something else/ });
    });

    it("tries nothing further when the time is over, and confirms what it has", async () => {
      const { exitCode, printed } = await shrunk(() => "same", { forMs: 0 });
      assert.equal(exitCode, 0);
      assert.match(printed, /^ENDED {6}: the time is over: 0 s$/m);
    });

    it("gives nothing back when the time is over, and claims nothing: the smallest case is asked once", async () => {
      const real = performance.now;
      let nowMs = 0;
      performance.now = () => nowMs;
      try {
        // Each smaller case fails once; the time is over when the first of them is asked again.
        const known = new Set<string>([JSON.stringify(testCase.params)]);
        const { exitCode, printed, summary } = await shrunk(
          ({ params }) => {
            const isOld = known.has(JSON.stringify(params));
            if (isOld && JSON.stringify(params) !== JSON.stringify(testCase.params)) nowMs = 10_000;
            known.add(JSON.stringify(params));
            return nowMs < 10_000 ? "same" : "other";
          },
          { forMs: 10_000 },
        );
        assert.equal(exitCode, 2);
        assert.ok(summary.taken.length >= 2);
        assert.deepEqual([summary.confirmed.length, summary.isSmallest], [3, false]);
        assert.match(printed, /^ENDED {6}: the time is over: 10 s, and the smallest case did not fail again/m);
        assert.doesNotMatch(printed, /GIVEN BACK|MINIMAL/);
      } finally {
        performance.now = real;
      }
    });
  });
});
