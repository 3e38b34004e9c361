import assert from "node:assert/strict";
import fc from "fast-check";
import { randomFrom } from "../../../../harness/random.js";
import type { CaseResult, JobResult } from "../../../../lib/model/result.js";
import { STATUSES, type Status } from "../../../../lib/model/status.js";
import { type Comparison, compareJobs } from "../../../../reports/compare/compare.js";
import { COMPARE_SCHEMA, renderCompareJson } from "../../../../reports/compare/compare-json.js";
import { compareText } from "../../../../reports/compare/compare-text.js";
import {
  buildCase,
  buildCheck,
  buildHost,
  buildJob,
  buildMigration,
  buildParams,
  buildProfile,
  buildResult,
} from "../../../support/build.js";
import { sampleJob } from "../../../support/sample-job.js";
import { HOSTILE, jobOf } from "../hostile-corpus.js";

const one = (id: string, status: Status = "PASS", over: Partial<CaseResult> = {}): CaseResult =>
  buildResult({
    case: buildCase({ id }),
    status,
    checks: [
      buildCheck({ check: "silence", status: status === "FAIL" ? "FAIL" : "PASS", message: "g1: silent for 41 ms" }),
    ],
    ...over,
  });

/** A case with a migration for each of these silences. */
const silent = (id: string, ...silences: number[]): CaseResult =>
  one(id, "PASS", {
    migrations: silences.map((longestMs, index) =>
      buildMigration({ leg: index + 1, silence: { ...buildMigration().silence!, longestMs } }),
    ),
  });

const turn = (before: Status, after: Status): Comparison =>
  compareJobs(buildJob([one("a", before)]), buildJob([one("a", after)]));

/** What a comparison has to tell. */
const told = ({ older: _, newer: __, numbers, ...lists }: Comparison): unknown[] => [
  ...Object.values(lists).flat(),
  ...numbers.moved,
];

describe("comparing two jobs", () => {
  it("tells nothing of a job and itself but what still fails", () => {
    const status = fc.constantFrom(...STATUSES);
    const ms = fc.integer({ min: 0, max: 100_000 });
    const cases = fc.uniqueArray(fc.record({ id: fc.string(), status, silences: fc.array(ms, { maxLength: 9 }) }), {
      selector: ({ id }) => id,
      maxLength: 8,
    });
    fc.assert(
      fc.property(cases, (given) => {
        const job = buildJob(
          given.map(({ id, silences, status: verdict }) => ({ ...silent(id, ...silences), status: verdict })),
        );
        const { stillFailing, ...rest } = compareJobs(job, job);
        assert.deepEqual(told({ ...rest, stillFailing: [] }), []);
        assert.ok(stillFailing.every(({ hasSameSignature }) => hasSameSignature));
        assert.equal(stillFailing.length, given.filter((case_) => ["FAIL", "ERROR"].includes(case_.status)).length);
      }),
    );
  });

  it("puts every turn of a verdict where it belongs, and in one place only", () => {
    const bad: readonly Status[] = ["FAIL", "ERROR"];
    const good: readonly Status[] = ["PASS", "WARN"];
    for (const before of STATUSES)
      for (const after of STATUSES) {
        const found = turn(before, after);
        const [wasBad, isBad] = [bad.includes(before), bad.includes(after)];
        const [wasRun, isRun] = [wasBad || good.includes(before), isBad || good.includes(after)];
        assert.deepEqual(
          [found.newFailures, found.mended, found.stillFailing, found.notRun].map((list) => list.length),
          [!wasBad && isBad, wasBad && good.includes(after), wasBad && isBad, wasRun && !isRun].map(Number),
          `${before} -> ${after}`,
        );
      }
  });

  it("says whether a failure is the one it was", () => {
    const failing = (message: string): JobResult =>
      buildJob([one("a", "FAIL", { checks: [buildCheck({ status: "FAIL", message })] })]);
    const [first, again, other] = ["g1: silent for 41 ms", "g2: silent for 52 ms", "g1: lost"].map(failing);
    assert.equal(compareJobs(first!, again!).stillFailing[0]?.hasSameSignature, true);
    assert.equal(compareJobs(first!, other!).stillFailing[0]?.hasSameSignature, false);
  });

  it("names cases that one of them does not have", () => {
    const found = compareJobs(buildJob([one("a"), one("b")]), buildJob([one("b"), one("c", "FAIL")]));
    assert.deepEqual(found.newCases, [{ caseId: "c", status: "FAIL" }]);
    assert.deepEqual(found.vanished, [{ caseId: "a", status: "PASS" }]);
    assert.deepEqual(found.newFailures, []);
  });
});

describe("numbers that moved", () => {
  const compared = (before: readonly CaseResult[], after: readonly CaseResult[]) =>
    compareJobs(buildJob(before), buildJob(after)).numbers;

  it("are told with medians, effect and chance", () => {
    const { moved } = compared([silent("a", 70, 71, 72, 73, 74)], [silent("a", 170, 171, 172, 173, 174)]);
    assert.deepEqual(
      moved.map(({ chance: _, ...rest }) => rest),
      [{ caseId: "a", name: "silenceMs", before: 72, after: 172, shift: 100, samples: [5, 5], effect: 1 }],
    );
    assert.ok(moved[0]!.chance < 0.01);
  });

  it("are not told where they move too little to matter", () => {
    assert.deepEqual(compared([silent("a", 70, 71, 72, 73, 74)], [silent("a", 85, 86, 87, 88, 89)]).moved, []);
    const [many, more] = [
      [1_000, 1_001, 1_002, 1_003, 1_004],
      [1_060, 1_061, 1_062, 1_063, 1_064],
    ];
    assert.deepEqual(compared([silent("a", ...many)], [silent("a", ...more)]).moved, []);
  });

  it("are not told of too few migrations: that is unknown", () => {
    const { moved, tested, tooFew } = compared([silent("a", 70, 71, 72)], [silent("a", 900, 901, 902)]);
    assert.deepEqual([moved, tested], [[], 0]);
    assert.ok(tooFew >= 3, "three figures of the migrations");
  });

  it("are found over all cases where each has too few", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    const { moved } = compared(
      names.map((id, index) => silent(id, 70 + index)),
      names.map((id, index) => silent(id, 270 + index)),
    );
    assert.deepEqual(
      moved.map(({ caseId, name, shift, samples }) => [caseId, name, shift, samples]),
      [[undefined, "silenceMs", 200, [10, 10]]],
    );
  });

  it("are also those that checks measure", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const held = (mostHeldMiB: number) =>
      names.map((id) => one(id, "PASS", { checks: [buildCheck({ check: "load", measured: { mostHeldMiB } })] }));
    assert.deepEqual(
      compared(held(100), held(60)).moved.map(({ name, shift }) => [name, shift]),
      [["load.mostHeldMiB", -40]],
    );
  });

  it("of migrations that did not complete do not count", () => {
    const failed = (result: CaseResult): CaseResult => ({
      ...result,
      migrations: result.migrations.map((migration) => ({ ...migration, outcome: "failed" as const })),
    });
    assert.deepEqual(compared([failed(silent("a", 1, 2, 3, 4, 5))], [silent("a", 901, 902, 903, 904, 905)]).moved, []);
  });

  it("of cases with other parameters are not compared", () => {
    const other = silent("a", 900, 901, 902, 903, 904);
    const changed = { ...other, case: buildCase({ id: "a", params: buildParams({ guests: { memory: "4GiB" } }) }) };
    assert.deepEqual(compared([silent("a", 1, 2, 3, 4, 5)], [changed]), { tested: 0, moved: [], tooFew: 0 });
  });

  it("are seldom named by chance among hundreds", () => {
    const random = randomFrom(7);
    const night = (): CaseResult[] =>
      Array.from({ length: 120 }, (_, index) =>
        silent(`c${index}`, ...Array.from({ length: 8 }, () => 60 + Math.floor(random() * 200))),
      );
    const nights = Array.from({ length: 12 }, night);
    const wrongly = nights.slice(1).filter((cases, index) => compared(nights[index]!, cases).moved.length > 0).length;
    assert.ok(wrongly <= 2, `${wrongly} of 11 comparisons`);
  });

  it("are found among hundreds that did not move", () => {
    const random = randomFrom(8);
    const night = (slow: string) =>
      Array.from({ length: 120 }, (_, index) =>
        silent(
          `c${index}`,
          ...Array.from({ length: 10 }, () => (`c${index}` === slow ? 400 : 60) + Math.floor(random() * 50)),
        ),
      );
    assert.deepEqual(
      compared(night(""), night("c17")).moved.map(({ caseId }) => caseId),
      ["c17"],
    );
  });
});

describe("versions and settings that changed", () => {
  const changes = (over: Partial<JobResult>, under: Partial<JobResult> = {}) =>
    compareJobs(buildJob([one("a")], under), buildJob([one("a")], over)).settings;

  it("are told one by one", () => {
    const hosts = [buildHost({ qemuVersion: "10.0.2" }), buildHost({ host: "h3", system: "Linux h2 6.1.0-25-amd64" })];
    assert.deepEqual(changes({ hosts, version: "0.2.0", seed: 43, profile: buildProfile() }), [
      { name: "migstorm", before: "0.1.0", after: "0.2.0" },
      { name: "host 1 QEMU", before: "7.2.11", after: "10.0.2" },
      { name: "host 2 name", before: "h2", after: "h3" },
      { name: "profile", after: "lab: guests.memory: × 0.0625, at least 160MiB; movement.rounds: at most 1" },
      { name: "seed", before: "42", after: "43" },
    ]);
  });

  it("are not the names of a lab that each job brings up anew, nor what is free in memory", () => {
    const lab = (key: string): Partial<JobResult> => ({
      jobId: `job-2026-11-21T06.42-${key}`,
      hosts: [
        buildHost({ host: `run-${key}-h1`, system: `run-${key}-h1 6.1`, freeMemoryMiB: key.length + Number(key[0]) }),
      ],
    });
    assert.deepEqual(changes(lab("1aaaaaa"), lab("2bbbbbb")), []);
  });

  it("are the order of the cases that both have", () => {
    const job = (argv: readonly string[], ...names: string[]) =>
      buildJob(
        names.map((id) => one(id)),
        { argv },
      );
    const changed = (before: JobResult, after: JobResult) => compareJobs(before, after).settings;
    assert.deepEqual(changed(job(["run"], "a", "b", "c"), job(["run"], "a", "x", "c")), []);
    assert.deepEqual(changed(job(["run"], "a", "b"), job(["run", "--order", "shuffled"], "b", "a")), [
      { name: "order of the cases", before: "file", after: "shuffled" },
    ]);
    const [first, second] = [job(["run", "--order=shuffled"], "a", "b"), job(["run", "--order=shuffled"], "b", "a")];
    assert.equal(changed(first, second)[0]?.after, "shuffled, but another one");
  });

  it("are parameters, each once with its number of cases", () => {
    const job = (memory: string) =>
      buildJob(
        ["a", "b"].map((id) =>
          one(id, "PASS", { case: buildCase({ id, params: buildParams({ guests: { memory } }) }) }),
        ),
      );
    assert.deepEqual(compareJobs(job("192MiB"), job("1GiB")).params, [
      { name: "guests.memory", before: "192", after: "1024", cases: 2, example: "a" },
    ]);
  });
});

describe("the text of a comparison", () => {
  it("tells everything in its order, and ends with the counts", () => {
    const before = buildJob([one("new"), one("mended", "FAIL"), one("still", "FAIL"), one("gone"), one("skipped")]);
    const after = buildJob(
      [
        one("new", "FAIL"),
        one("mended"),
        one("still", "FAIL"),
        one("fresh"),
        one("skipped", "SKIP", { reason: "why" }),
      ],
      { version: "0.2.0" },
    );
    assert.deepEqual(compareText(compareJobs(before, after)).split("\n").slice(2), [
      "NEW FAIL   : new: PASS -> FAIL: g1: silent for 41 ms",
      "MENDED     : mended: FAIL -> PASS",
      "STILL      : still: FAIL, as before: g1: silent for 41 ms",
      "NEW CASE   : fresh: PASS",
      "VANISHED   : gone: PASS",
      "NOT RUN    : skipped: PASS -> SKIP: why",
      "UNKNOWN    : 16 numbers have not enough samples to tell",
      "CHANGED    : migstorm: 0.1.0 -> 0.2.0",
      "COMPARED   : new failures 1 | mended 1 | still failing 1 | new cases 1 | vanished 1 | not run 1 | numbers moved 0 of 0 | settings changed 1",
    ]);
  });

  it("tells a number that moved", () => {
    const text = compareText(
      compareJobs(buildJob([silent("a", 70, 71, 72, 73, 74)]), buildJob([silent("a", 170, 171, 172, 173, 174)])),
    );
    assert.match(
      text,
      /^MOVED {6}: a: silenceMs 72 -> 172, \+100 \(\+139 %\), effect 1\.00, by chance 0\.0079, 5 and 5 migrations$/m,
    );
  });

  it("tells at most fifty of a kind, and how many more", () => {
    const job = (status: Status) => buildJob(Array.from({ length: 400 }, (_, index) => one(`c${index}`, status)));
    const lines = compareText(compareJobs(job("PASS"), job("FAIL"))).split("\n");
    assert.equal(lines.filter((line) => line.startsWith("NEW FAIL   : c")).length, 50);
    assert.ok(lines.includes("NEW FAIL   : and 350 more, all of them with --json"));
  });

  it("gives neither a terminal nor a CI server an order, and keeps its lines", () => {
    for (const text of HOSTILE) {
      const job = jobOf(text);
      const hurt = { ...job, cases: job.cases.map((result) => ({ ...result, status: "FAIL" as const })) };
      const printed =
        compareText(compareJobs(sampleJob(), hurt)) + compareText(compareJobs(hurt, { ...job, hosts: [] }));
      assert.doesNotMatch(printed.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}]/u);
      assert.doesNotMatch(printed, /##(\[|vso\[|teamcity\[)|section_(start|end):/i);
      for (const line of printed.split("\n")) assert.match(line, /^[A-Z ]{11}: /);
    }
  });
});

describe("the JSON of a comparison", () => {
  it("has a schema and always the same keys", () => {
    const keys = (comparison: Comparison) => Object.keys(JSON.parse(renderCompareJson(comparison)));
    const expected = ["schema", "older", "newer", "newFailures", "mended", "stillFailing", "newCases", "vanished"];
    assert.deepEqual(keys(turn("PASS", "PASS")), [...expected, "notRun", "numbers", "settings", "params"]);
    assert.deepEqual(keys(turn("PASS", "FAIL")), keys(turn("FAIL", "PASS")));
    assert.equal(JSON.parse(renderCompareJson(turn("PASS", "FAIL"))).schema, COMPARE_SCHEMA);
  });
});
