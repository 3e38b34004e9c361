import assert from "node:assert/strict";
import fc from "fast-check";
import { throughputLine } from "../../../harness/engine/throughput-lines.js";
import type { Event, NewEvent } from "../../../lib/model/event.js";
import { parseEvents } from "../../../lib/store/event-log.js";
import { renderJson } from "../../../reports/json.js";
import { renderFolderPage, renderLivePage } from "../../../reports/live-page.js";
import { progressOf } from "../../../reports/live-progress.js";
import { countsOfHead } from "../../../reports/live-results.js";
import { LIVE_SCRIPT } from "../../../reports/live-script.js";
import { liveFold } from "../../../reports/live-state.js";
import { buildCase, buildCheck, buildJob, buildResult, stampEvents } from "../../support/build.js";
import { fixture } from "../../support/fixture.js";

const RECORDED = parseEvents(fixture("job-recorded/events.ndjson"));
const stateAfter = (events: readonly Event[]) => {
  const fold = liveFold();
  for (const event of events) fold.take(event);
  return fold.state();
};

describe("the live state of a job", () => {
  it("has the migration under way with what remains, in the midst of a recorded job", () => {
    const state = stateAfter(RECORDED.slice(0, RECORDED.findLastIndex(({ type }) => type === "throughput") + 1));
    assert.equal(state.current?.step, "leg 2 of 4 (back)");
    assert.equal(state.judged, 0);
    assert.equal(state.end, undefined);
    const [migration, ...more] = state.migrations;
    assert.deepEqual(more, []);
    assert.deepEqual([migration?.leg, migration?.totalMiB], [2, 4097]);
    assert.ok((migration?.remainingMiB ?? -1) >= 0);
  });

  it("has the verdict and its reason at the end, and nothing under way", () => {
    const { verdicts, counts, end, current, migrations } = stateAfter(RECORDED);
    assert.equal(verdicts[0]?.caseId, "tunnelling.bandwidth.full");
    assert.match(verdicts[0]?.why ?? "", /given up at its timeout/);
    assert.deepEqual([counts.WARN, end, current, migrations], [1, "ended", undefined, []]);
  });

  it("counts a case that ran again once, and a job that was resumed as not ended", () => {
    const failed = buildResult({ status: "FAIL", checks: [buildCheck({ status: "FAIL", message: "no" })] });
    const events: NewEvent[] = [
      { type: "job-started", jobId: "j" },
      { type: "case-ended", result: failed },
      { type: "job-ended", interrupted: true, leftovers: [] },
    ];
    const first = stampEvents(events);
    assert.deepEqual([stateAfter(first).end, stateAfter(first).counts.FAIL], ["interrupted", 1]);
    assert.equal(stateAfter(first).verdicts[0]?.check, "outcome");
    const again = stateAfter([
      ...first,
      ...stampEvents([events[0]!, { type: "case-started", caseId: failed.case.id }]),
    ]);
    assert.deepEqual([again.end, again.judged, again.current?.caseId], [undefined, 0, failed.case.id]);
  });

  it("keeps a bounded number of verdicts, and counts all", () => {
    const results = Array.from({ length: 300 }, (_, i) => buildResult({ case: buildCase({ id: `c${i}` }) }));
    const { verdicts, judged } = stateAfter(stampEvents(results.map((result) => ({ type: "case-ended", result }))));
    assert.deepEqual([verdicts.length, verdicts[0]?.caseId, judged], [100, "c299", 300]);
  });

  it("takes whatever stands in the file", () => {
    const words = fc.constantFrom(...new Set(RECORDED.map(({ type }) => type)));
    const keys = fc.constantFrom("caseId", "result", "record", "line", "guest", "leg", "step", "at", "jobId");
    fc.assert(
      fc.property(words, fc.dictionary(keys, fc.jsonValue()), (type, rest) => {
        const fold = liveFold();
        for (const event of parseEvents(JSON.stringify({ monoMs: 1, ...rest, type }))) fold.take(event);
        JSON.stringify(fold.state());
      }),
    );
  });

  it("reads the figures of the line that the engine writes, and none that it does not tell", () => {
    const mib = 2 ** 20;
    const line = throughputLine(
      {
        totalTimeMs: 5_000,
        dataProcessedBytes: 3 * mib,
        dataRemainingBytes: 7 * mib,
        dataTotalBytes: 10 * mib,
        memoryBytesPerSecond: 2.5e6,
      },
      0,
    );
    assert.deepEqual(progressOf(line), {
      runningS: 5,
      processedMiB: 3,
      remainingMiB: 7,
      totalMiB: 10,
      megabytesPerS: 2.5,
    });
    assert.deepEqual(progressOf("something else"), {});
  });
});

describe("the page of serve", () => {
  const evil = `"><script>alert(1)</script>'\u202e`;
  const page = renderLivePage({
    jobs: [{ folder: evil, hasReport: true }],
    unlisted: 2,
    shown: evil,
    isNewest: false,
    root: "/t/",
    nonce: "n",
  });

  it("has markup of its own only", () => {
    assert.equal(page.split("<script").length, 2);
    assert.doesNotMatch(page, /\u202e/);
    assert.doesNotMatch(renderFolderPage(evil, [evil], "n"), /<script|\u202e/);
  });

  it("has a script that makes no markup of what it is told", () => {
    assert.doesNotMatch(LIVE_SCRIPT, /innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(|https?:/);
  });

  it("reads the verdicts from the beginning of the results that are written", () => {
    const json = renderJson(buildJob([buildResult(), buildResult({ status: "FAIL" })]));
    assert.deepEqual([countsOfHead(json.slice(0, 400))?.PASS, countsOfHead(json.slice(0, 400))?.FAIL], [1, 1]);
    for (const other of ["", "{", json.slice(0, 60), '{"schema": "x", "summary": {"PASS": -1}}'])
      assert.equal(countsOfHead(other), undefined);
  });
});
