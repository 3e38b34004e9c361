import assert from "node:assert/strict";
import type { CaseResult } from "../../../lib/model/result.js";
import { whyUnfit, whyUnfitJob } from "../../bench/fit.js";
import { buildCheck, buildJob, buildResult } from "../../support/build.js";

describe("fit for a figure", () => {
  const warning = (check: string) => buildCheck({ check, status: "WARN", message: "worth a look" });
  const rows: readonly (readonly [string, Partial<CaseResult>, RegExp | undefined])[] = [
    ["a case that passed", {}, undefined],
    ["one that warned of what is harmless", { status: "WARN", checks: [buildCheck(), warning("mode")] }, undefined],
    [
      "one that warned of something else",
      { status: "WARN", checks: [warning("mode"), warning("memory")] },
      /memory: w/,
    ],
    ["one that warned without a check", { status: "WARN", checks: [] }, /: WARN: /],
    [
      "one that failed",
      { status: "FAIL", checks: [buildCheck({ status: "FAIL", message: "silent" })] },
      /FAIL: .*silent/,
    ],
    [
      "one that was skipped",
      { status: "SKIP", reason: "does not fit", durationMs: 0, checks: [] },
      /SKIP: does not fit/,
    ],
    ["one that broke", { status: "ERROR", reason: "the answer was lost" }, /ERROR: the answer was lost/],
    ["one without a migration", { migrations: [] }, /PASS: 0 migrations/],
    ["one that left something", { leftovers: ["h1: a rule"] }, /a rule/],
  ];
  for (const [what, over, told] of rows)
    it(`${told === undefined ? "takes" : "refuses"} ${what}`, () => {
      const why = whyUnfit(buildResult(over), ["mode"]);
      if (told === undefined) assert.equal(why, undefined);
      else assert.match(why ?? "", told);
    });

  it("refuses a job of fewer cases, one that was stopped and one that left something", () => {
    assert.deepEqual(whyUnfitJob(buildJob(), 1), []);
    assert.deepEqual(whyUnfitJob(buildJob(), 2), ["the job has 1 cases, not 2"]);
    assert.deepEqual(whyUnfitJob(buildJob([]), 0), ["the job has 0 cases, not 0"]);
    assert.deepEqual(whyUnfitJob(buildJob(undefined, { interrupted: true, leftovers: ["a lock"] }), 1), [
      "the job was interrupted",
      "not put back: a lock",
    ]);
  });
});
