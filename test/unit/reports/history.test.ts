import assert from "node:assert/strict";
import type { JobResult } from "../../../lib/model/result.js";
import { STATUSES, type Status } from "../../../lib/model/status.js";
import { digestOf } from "../../../reports/history/digest.js";
import { type History, type HistoryCase, historyOf } from "../../../reports/history/history.js";
import { HISTORY_SCHEMA, renderHistoryJson } from "../../../reports/history/history-json.js";
import { historyText } from "../../../reports/history/history-text.js";
import { buildCase, buildHost, buildJob, buildMigration, buildParams, buildResult } from "../../support/build.js";
import { HOSTILE, jobOf } from "./hostile-corpus.js";

type Verdicts = Readonly<Record<string, Status>>;

const night = (day: number, verdicts: Verdicts, over: Partial<JobResult> = {}): JobResult =>
  buildJob(
    Object.entries(verdicts).map(([id, status]) => buildResult({ case: buildCase({ id }), status })),
    { startedAt: `2026-11-${String(day).padStart(2, "0")}T22:00:00.000Z`, ...over },
  );

const over = (...nights: JobResult[]): History =>
  historyOf(
    nights.map((job) => digestOf(job, `job-${job.startedAt}`, () => true)),
    [],
  );

const caseOf = (history: History, id: string): HistoryCase => history.cases.find(({ caseId }) => caseId === id)!;

/** Nights of one case with these verdicts. */
const row = (...verdicts: Status[]): HistoryCase =>
  caseOf(over(...verdicts.map((status, index) => night(index + 1, { a: status }))), "a");

describe("the history of cases", () => {
  it("has a verdict for each job, oldest first, and null where the job has no such case", () => {
    const history = over(night(3, { a: "FAIL", b: "PASS" }), night(1, { a: "PASS" }), night(2, { b: "WARN" }));
    assert.deepEqual(caseOf(history, "a").verdicts, ["PASS", null, "FAIL"]);
    assert.deepEqual(caseOf(history, "b").verdicts, [null, "WARN", "PASS"]);
  });

  it("counts turns between good and bad", () => {
    const { flips, pairs, flakeRate } = row("PASS", "FAIL", "PASS", "PASS", "ERROR");
    assert.deepEqual([flips, pairs, flakeRate], [3, 4, 0.75]);
  });

  it("takes neither a WARN nor another way to fail for a turn, and passes over what did not run", () => {
    assert.deepEqual([row("PASS", "WARN", "PASS").flips, row("FAIL", "ERROR").flips], [0, 0]);
    const { flips, pairs } = row("PASS", "SKIP", "INTERRUPTED", "CANCEL", "FAIL");
    assert.deepEqual([flips, pairs], [1, 1]);
  });

  it("has no rate without a pair", () => {
    assert.equal("flakeRate" in row("PASS"), false);
    assert.equal("flakeRate" in row("SKIP", "SKIP"), false);
  });

  it("does not count a turn for which versions, settings or parameters may be to blame", () => {
    const hosts = [buildHost({ qemuVersion: "10.0.2" }), buildHost({ host: "h2" })];
    const before = night(1, { a: "PASS" }, { hosts: [buildHost(), buildHost({ host: "h2" })] });
    assert.equal(caseOf(over(before, night(2, { a: "FAIL" }, { hosts })), "a").pairs, 0);
    const params = buildParams({ guests: { memory: "4GiB" } });
    const changed = buildJob([buildResult({ case: buildCase({ id: "a", params }), status: "FAIL" })], {
      startedAt: "2026-11-02T22:00:00.000Z",
    });
    assert.equal(caseOf(over(night(1, { a: "PASS" }), changed), "a").pairs, 0);
    assert.equal(caseOf(over(night(1, { a: "PASS" }), night(2, { a: "FAIL" }, { seed: 7 })), "a").pairs, 1);
  });

  it("puts what flakes first, then what goes wrong, then the rest by name", () => {
    const verdicts = (flaky: Status): Verdicts => ({ d: "PASS", c: "PASS", broken: "FAIL", flaky });
    const { cases } = over(night(1, verdicts("PASS")), night(2, verdicts("FAIL")));
    assert.deepEqual(
      cases.map(({ caseId }) => caseId),
      ["flaky", "broken", "c", "d"],
    );
  });
});

describe("the history of jobs", () => {
  const silence = (longestMs: number) => buildMigration({ silence: { ...buildMigration().silence!, longestMs } });

  it("has the median of all silences, and none where none was observed", () => {
    const { silence: _, ...unseen } = buildMigration();
    const seen = buildResult({ migrations: [silence(10), silence(90), silence(20), unseen] });
    const { jobs } = over(buildJob([seen]), buildJob([buildResult({ migrations: [unseen] })]));
    assert.deepEqual(
      jobs.map((job) => ["medianSilenceMs" in job, job.medianSilenceMs, job.silences]),
      [
        [true, 20, 3],
        [false, undefined, 0],
      ],
    );
  });

  it("marks where versions or settings changed, and nowhere else", () => {
    const { jobs } = over(
      night(1, {}),
      night(2, {}, { version: "0.2.0" }),
      night(3, {}, { version: "0.2.0", seed: 3 }),
    );
    assert.deepEqual(
      jobs.map(({ changed }) => changed),
      [[], [{ name: "migstorm", before: "0.1.0", after: "0.2.0" }], []],
    );
  });

  it("counts verdicts of the asked cases only", () => {
    const job = night(1, { "a.x": "PASS", "b.x": "FAIL" });
    const { jobs, cases } = historyOf([digestOf(job, "f", (id) => id.startsWith("a"))], []);
    assert.deepEqual([jobs[0]?.counts.PASS, jobs[0]?.counts.FAIL, cases.length], [1, 0, 1]);
  });
});

describe("the text of a history", () => {
  it("shows cases against jobs, a letter a verdict, with a mark", () => {
    const history = over(
      night(1, { a: "PASS", b: "FAIL" }),
      night(2, { a: "WARN", b: "PASS" }),
      night(3, { b: "FAIL" }, { version: "0.2.0" }),
    );
    assert.deepEqual(historyText({ ...history, skipped: [{ folder: "job-x", reason: "damaged" }] }).split("\n"), [
      "skipped job-x: damaged",
      "  1 job-2026-11-01T22:00:00.000Z: PASS 1 | FAIL 1; silence 72 ms (median of 2)",
      "  2 job-2026-11-02T22:00:00.000Z: PASS 1 | WARN 1; silence 72 ms (median of 2)",
      "    ^ migstorm: 0.1.0 -> 0.2.0",
      "  3 job-2026-11-03T22:00:00.000Z: FAIL 1; silence 72 ms (median of 1)",
      "",
      ". PASS, w WARN, s SKIP, c CANCEL, F FAIL, E ERROR, I INTERRUPT, - not in it; ^ versions or settings changed; 1/4: turned between good and bad once in four pairs of equal runs",
      "  ^",
      "F.F   1/1 b",
      ".w-   0/1 a",
      "3 jobs, 2 cases, 1 folders skipped",
    ]);
  });

  it("has a letter of its own for every verdict", () => {
    const letters = STATUSES.map((status) => historyText(over(night(1, { a: status }))).match(/^(\S) +0\/0 a$/m)?.[1]);
    assert.equal(new Set(letters).size, STATUSES.length);
    assert.ok(!letters.includes(undefined));
  });

  it("shows the latest jobs only, with the rates of all", () => {
    const nights = Array.from({ length: 28 }, (_, index) => night(index + 1, { a: index === 0 ? "FAIL" : "PASS" }));
    const lines = historyText(over(...nights), 3).split("\n");
    assert.equal(lines[0], "the latest 3 of 28 jobs; the rates are of them all");
    assert.ok(lines.includes("...  1/27 a"), lines.join("\n"));
  });

  it("names at most so many folders and cases", () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`c${index}`, "PASS" as const]));
    const skipped = Array.from({ length: 300 }, (_, index) => ({ folder: `job-${index}`, reason: "damaged" }));
    const lines = historyText({ ...over(night(1, many)), skipped }).split("\n");
    assert.ok(lines.length < 450);
    assert.ok(lines.includes("and 600 cases more, all of them with --json"));
    assert.ok(lines.includes("and 280 more skipped"));
  });

  it("gives neither a terminal nor a CI server an order", () => {
    const lines = (text: string) => {
      const digests = [jobOf(text), buildJob()].map((job) => digestOf(job, text, () => true));
      return historyText(historyOf(digests, [{ folder: text, reason: text }]));
    };
    const expected = lines("plain").split("\n").length;
    for (const text of HOSTILE) {
      const printed = lines(text);
      assert.doesNotMatch(printed.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}]/u);
      assert.doesNotMatch(printed, /##(\[|vso\[|teamcity\[)|section_(start|end):/i);
      assert.doesNotMatch(printed, /^\s*::/m);
      assert.equal(printed.split("\n").length, expected);
    }
  });
});

describe("the JSON of a history", () => {
  it("has a schema and always the same keys", () => {
    const { schema, ...rest } = JSON.parse(renderHistoryJson(over(night(1, { a: "PASS" }))));
    assert.equal(schema, HISTORY_SCHEMA);
    assert.deepEqual(Object.keys(rest), ["jobs", "cases", "skipped"]);
    assert.deepEqual(Object.keys(rest.jobs[0]).sort(), [
      "changed",
      "counts",
      "folder",
      "jobId",
      "medianSilenceMs",
      "silences",
      "startedAt",
    ]);
    assert.deepEqual(rest.cases, [{ caseId: "a", verdicts: ["PASS"], flips: 0, pairs: 0 }]);
  });
});
