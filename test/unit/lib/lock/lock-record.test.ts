import assert from "node:assert/strict";
import { busyMessage, type LockRecord, parseOwner } from "../../../../lib/lock/lock-record.js";

const record: LockRecord = {
  jobId: "job-1",
  who: "ann",
  controller: "runner1",
  pid: 42,
  since: "2026-11-21T06:42:00Z",
  reason: "kept for case s.a until 2026-11-21T14:42:00Z",
  resultsDir: "/results/job-1",
  kept: { caseId: "s.a", until: "2026-11-21T14:42:00.123Z" },
};
const UNTIL = Date.parse("2026-11-21T14:42:00.123Z");
const owner = (text: unknown, now: number, life = "dead") => {
  const read = parseOwner([life, "t1", JSON.stringify(text)], now);
  assert.ok(read !== undefined);
  return read;
};

describe("the record of a host's owner", () => {
  it("that keeps a host says for whom, until when, and what puts it back", () =>
    assert.equal(
      busyMessage("h1", owner(record, UNTIL - 1)),
      "h1 is kept for case s.a of job-1, by ann@runner1, until 2026-11-21T14:42:00Z: `migstorm release /results/job-1` on runner1 puts it back",
    ));
  it("says the same while the runner still writes its reports", () =>
    assert.match(busyMessage("h1", owner(record, UNTIL - 1, "lives")), /is kept for case s\.a/));
  it("is that of any dead job once the time is over", () => {
    const read = owner(record, UNTIL);
    assert.equal(read.isKept, false);
    assert.match(
      busyMessage("h1", read),
      /in use by job-1 of ann .*: kept for case s\.a until .*Its runner is gone: .*`migstorm recover \/results\/job-1` on runner1/,
    );
  });
  it("names the folder so that a shell reads it as one word", () => {
    const spaced = { ...record, resultsDir: "/my results/job-1; reboot" };
    assert.match(busyMessage("h1", owner(spaced, 0)), /`migstorm release '\/my results\/job-1; reboot'` on runner1/);
    assert.match(
      busyMessage("h1", owner(spaced, UNTIL)),
      /`migstorm recover '\/my results\/job-1; reboot'` on runner1/,
    );
  });
  it("of a version that kept nothing is read as before", () => {
    const { kept: _, ...old } = record;
    assert.deepEqual(owner(old, 0), { token: "t1", lives: false, isKept: false, record: old });
  });

  const table: [string, unknown][] = [
    ["no object", "8h"],
    ["nothing", null],
    ["without a case", { until: record.kept?.until }],
    ["without a time", { caseId: "s.a" }],
    ["with a time that is none", { caseId: "s.a", until: "tomorrow" }],
    ["with a moment of another zone", { caseId: "s.a", until: "2026-11-21T14:42:00+05:00" }],
    ["with a moment that there is not", { caseId: "s.a", until: "2026-13-41T14:42:00Z" }],
    ["with a number", { caseId: "s.a", until: 1e15 }],
  ];
  for (const [name, kept] of table)
    it(`keeps nothing where what it says of that is ${name}`, () => {
      const read = owner({ ...record, kept }, 0);
      assert.equal(read.isKept, false);
      assert.equal(read.record?.kept, undefined);
      assert.equal(read.record?.jobId, "job-1");
    });
});
