import assert from "node:assert/strict";
import { XMLParser } from "fast-xml-parser";
import type { JobResult } from "../../../lib/model/result.js";
import { renderCtrf } from "../../../reports/ctrf.js";
import { renderJunit } from "../../../reports/junit.js";
import { renderStepSummary, STEP_SUMMARY_LIMIT_BYTES } from "../../../reports/step-summary.js";
import { buildCase, buildCheck, buildJob, buildResult } from "../../support/build.js";
import { sampleJob } from "../../support/sample-job.js";
import { assertCtrf } from "./ctrf-form.js";

describe("results.ctrf.json", () => {
  const reportOf = (job: JobResult) => JSON.parse(renderCtrf(job));

  it("is a CTRF report, with as many tests as cases", () => {
    assertCtrf(reportOf(sampleJob()), "the sample");
    assertCtrf(reportOf(buildJob([])), "no case at all");
    assert.equal(reportOf(sampleJob()).results.tests.length, sampleJob().cases.length);
  });

  it("calls failed what a check proved, and other what nobody can tell", () => {
    const words = reportOf(sampleJob()).results.tests.map(
      ({ rawStatus, status }: Record<string, string>) => `${rawStatus} ${status}`,
    );
    assert.deepEqual([...new Set(words)].sort(), [
      "CANCEL skipped",
      "ERROR other",
      "FAIL failed",
      "INTERRUPTED other",
      "PASS passed",
      "SKIP skipped",
      "WARN passed",
    ]);
  });

  it("gives a case one id in all jobs, and two cases two", () => {
    const idsOf = (job: JobResult): string[] => reportOf(job).results.tests.map(({ id }: { id: string }) => id);
    assert.equal(new Set(idsOf(sampleJob())).size, sampleJob().cases.length);
    assert.deepEqual(idsOf({ ...sampleJob(), jobId: "another", seed: 1, startedAt: "2027-01-01T00:00:00.000Z" }), [
      ...idsOf(sampleJob()),
    ]);
  });

  it("is healthy only when nothing went wrong, nothing was left and nobody stopped it", () => {
    const isHealthy = (over: Partial<JobResult>, job = buildJob()) =>
      reportOf({ ...job, ...over }).results.environment.healthy;
    assert.equal(isHealthy({}), true);
    assert.equal(isHealthy({ interrupted: true }), false);
    assert.equal(isHealthy({ leftovers: ["a lock"] }), false);
    assert.equal(isHealthy({}, buildJob([buildResult({ status: "ERROR" })])), false);
  });

  it("tells when a case ran only of those that did", () => {
    const [ran, never] = reportOf(buildJob([buildResult(), buildResult({ phases: [] })])).results.tests;
    assert.equal(ran.stop - ran.start, 400);
    assert.equal("start" in never || "stop" in never, false);
  });
});

describe("summary.md", () => {
  const failures = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      buildResult({
        case: buildCase({ id: `case-${index}` }),
        status: index % 2 === 0 ? "ERROR" : "FAIL",
        reason: "r",
      }),
    );

  it("counts every verdict and gives each wrong case its sentence", () => {
    const text = renderStepSummary(sampleJob());
    assert.match(text, /^## migstorm: 3 of 9 cases went wrong, stopped before its end$/m);
    assert.match(text, /^\| 2 \| 1 \| 1 \| 1 \| 1 \| 2 \| 1 \|$/m);
    assert.match(text, /^\| FAIL \| <code>smoke\.cross\.postcopy\.stressed<\/code> \| g1 was silent for 41230 ms/m);
    assert.match(text, /^- <code>h1: rule for tcp 49152-49215 in iptables<\/code>$/m);
    assert.doesNotMatch(renderStepSummary(buildJob()), /What went wrong|Not put back/);
  });

  it("shows fifty, proven faults first, and says how many more there are", () => {
    const text = renderStepSummary(buildJob(failures(80)));
    const rows = [...text.matchAll(/^\| (FAIL|ERROR) \|/gm)].map(([, verdict]) => verdict);
    assert.deepEqual(rows, [...Array(40).fill("FAIL"), ...Array(10).fill("ERROR")]);
    assert.match(text, /^and 30 more in `results\.html`$/m);
    assert.doesNotMatch(renderStepSummary(buildJob(failures(50))), / more in /);
  });

  it("tells what cases warn of, the same sentences once", () => {
    const warned = (index: number, message: string) =>
      buildResult({
        ...{ case: buildCase({ id: `case-${index}` }), status: "WARN" },
        checks: [buildCheck(), buildCheck({ check: "mode", status: "WARN", message })],
      });
    const same = Array.from({ length: 164 }, (_, index) => warned(index, `ms-ab12cd3-${index + 1}-g1: in precopy`));
    const text = renderStepSummary(buildJob([...same, warned(200, "another thing"), buildResult()]));
    assert.match(text, /^\| 164 \| mode \| <code>case-0<\/code> \| ms-ab12cd3-1-g1: in precopy \|$/m);
    assert.match(text, /^\| 1 \| mode \| <code>case-200<\/code> \| another thing \|$/m);
    assert.equal(text.match(/^\| \d+ \| mode/gm)?.length, 2);
    assert.doesNotMatch(text, /What went wrong/);
    const word = (index: number): string => String.fromCharCode(97 + (index % 26), 97 + Math.floor(index / 26));
    const many = Array.from({ length: 60 }, (_, index) => warned(index, `the word is ${word(index)}${word(index)}`));
    assert.match(renderStepSummary(buildJob(many)), /^and 40 more in `results\.html`$/m);
    assert.doesNotMatch(renderStepSummary(buildJob()), /Worth a look/);
  });

  it("stays far below what GitHub takes, whatever the names are", () => {
    const long = "🙂_".repeat(20_000);
    const cases = Array.from({ length: 200 }, () =>
      buildResult({ case: buildCase({ id: long }), status: "FAIL", reason: long, leftovers: [long, long] }),
    ).concat(
      Array.from({ length: 200 }, (_, index) =>
        buildResult({
          ...{ case: buildCase({ id: long }), status: "WARN" },
          checks: [buildCheck({ check: long, status: "WARN", message: `${"xyz".repeat(index)} ${long}` })],
        }),
      ),
    );
    const text = renderStepSummary(buildJob(cases, { jobId: long, leftovers: Array(500).fill(long) }));
    assert.ok(Buffer.byteLength(text) < STEP_SUMMARY_LIMIT_BYTES / 4, `${Buffer.byteLength(text)} bytes`);
  });
});

describe("results.xml, as Jenkins and GitLab want it", () => {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    isArray: (name) => ["testsuite", "testcase", "property"].includes(name),
  });
  const namesOf = (job: JobResult): string[] =>
    parser
      .parse(renderJunit(job))
      .testsuites.testsuite.flatMap(({ testcase }: { testcase: { name: string }[] }) =>
        testcase.map(({ name }) => name),
      );

  it("has no name twice: not of ids that are shown alike, not with a number that is an id, not in two suites", () => {
    const ids = ["a", "a #2", "a", "a\u200b", "", "\u0007", "A"];
    const cases = ids.map((id, index) => buildResult({ case: buildCase({ id, scenario: `s${index % 2}` }) }));
    const names = namesOf(buildJob(cases));
    assert.equal(names.length, ids.length);
    assert.equal(new Set(names).size, ids.length, names.join(" | "));
    assert.ok(names.every((name) => name !== ""));
  });

  it("cuts names and values that would fill the file on their own", () => {
    const id = "x".repeat(100_000);
    const cases = Array.from({ length: 300 }, () => buildResult({ case: buildCase({ id, variants: [id] }) }));
    const xml = renderJunit(buildJob(cases, { argv: [id] }));
    assert.ok(Buffer.byteLength(xml) < 1_000_000, `${Buffer.byteLength(xml)} bytes`);
    assert.equal(xml.match(/<testcase /g)?.length, 300);
  });

  it("leaves properties out before there are more objects than GitLab reads", () => {
    const cases = Array.from({ length: 7_000 }, (_, index) =>
      buildResult({ case: buildCase({ id: `c${index}`, tags: ["t"], testIds: ["i"] }), status: "FAIL" }),
    );
    const xml = renderJunit(buildJob(cases));
    assert.equal(xml.match(/<failure /g)?.length, 7_000);
    assert.equal(xml.match(/<property name="tag"/g), null);
    assert.ok((xml.match(/<\w|="/g)?.length ?? 0) < 100_000);
  });
});
