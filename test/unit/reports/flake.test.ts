import assert from "node:assert/strict";
import { flakeOf, type Run, runOf, wilson } from "../../../reports/flake.js";
import { flakeText, renderFlakeJson } from "../../../reports/flake-text.js";
import { buildCase, buildCheck, buildJob, buildResult } from "../../support/build.js";

const fixed = ({ low, high }: ReturnType<typeof wilson>): readonly string[] => [low.toFixed(4), high.toFixed(4)];

describe("the flake rate of a case", () => {
  it("has the bounds of Wilson's interval, also of none and of all", () => {
    // Newcombe 1998, Statistics in Medicine 17, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    assert.deepEqual(fixed(wilson(81, 263)), ["0.2553", "0.3662"]);
    assert.deepEqual(fixed(wilson(15, 148)), ["0.0624", "0.1605"]);
    assert.deepEqual(fixed(wilson(0, 20)), ["0.0000", "0.1611"]);
    assert.deepEqual(fixed(wilson(1, 29)), ["0.0061", "0.1718"]);
    assert.deepEqual(fixed(wilson(20, 20)), ["0.8389", "1.0000"]);
  });

  const silent = (ms: number) =>
    buildResult({
      status: "FAIL",
      checks: [buildCheck({ check: "silence", status: "FAIL", message: `silent for ${ms} ms` })],
    });
  const runsOf = (...results: ReturnType<typeof buildResult>[]): Run[] =>
    results.flatMap((result, index) => runOf(buildJob([result], { jobId: `job-${index + 1}` }), result.case.id) ?? []);

  it("groups failures that differ in numbers only, and counts what says something", () => {
    const runs = runsOf(
      buildResult(),
      buildResult({ status: "ERROR", reason: "h1 went away", checks: [] }),
      silent(31_000),
      buildResult({ status: "WARN" }),
      silent(45_123),
      buildResult({ status: "SKIP" }),
      buildResult({ status: "INTERRUPTED" }),
    );
    const flake = flakeOf("smoke.orderly.precopy", runs);
    assert.deepEqual([flake.runs, flake.failed, flake.untold, flake.rate?.share], [5, 3, 2, 0.6]);
    assert.deepEqual(
      flake.groups.map(({ runs: count, jobId, signature }) => [count, jobId, signature]),
      [
        [2, "job-3", "FAIL silence: silent for # ms"],
        [1, "job-2", "ERROR: * went away"],
      ],
    );
    assert.deepEqual(flakeText(flake).split("\n"), [
      "FLAKE      : smoke.orderly.precopy: 3 of 5 runs not OK: 60.0 %; with 95 % confidence between 23.1 % and 88.2 %",
      "UNTOLD     : 2 runs were skipped, cancelled or interrupted, and are not counted",
      "   2 x     : FAIL silence: silent for # ms",
      "             first in job-3: silent for 31000 ms",
      "   1 x     : ERROR: * went away",
      "             first in job-2: h1 went away",
    ]);
    assert.equal(JSON.parse(renderFlakeJson(flake)).schema, "migstorm-flake/1");
  });

  it("tells no rate where no run said anything", () => {
    const flake = flakeOf("a", runsOf(buildResult({ status: "SKIP" })));
    assert.equal(flake.rate, undefined);
    assert.match(flakeText(flake), /^FLAKE {6}: a: no run says anything$/m);
  });

  it("knows no run of a case that the job does not have", () => {
    assert.equal(runOf(buildJob([buildResult({ case: buildCase({ id: "other" }) })]), "a"), undefined);
  });
});
