import assert from "node:assert/strict";
import fc from "fast-check";
import type { CaseVerdict, NewEvent } from "../../../../lib/model/event.js";
import { foldEvents } from "../../../../lib/model/fold.js";
import {
  buildCase,
  buildCommand,
  buildJobPlan,
  buildMigration,
  buildPlan,
  buildResult,
  buildSkip,
  stampEvents,
} from "../../../support/build.js";

const planned = (id: string) => buildPlan({ case: buildCase({ id }) });
const plan = buildJobPlan({ plans: [planned("a"), planned("b"), buildSkip("h2 has no KVM", { id: "c" })] });

const verdict = (id: string, over: Partial<CaseVerdict> = {}): CaseVerdict => {
  const { commands: _, migrations: __, phases: ___, ...rest } = buildResult({ case: buildCase({ id }) });
  return { ...rest, ...over };
};
const started = (caseId: string): NewEvent => ({ type: "case-started", caseId });
const command = (caseId: string, ...argv: string[]): NewEvent => ({
  type: "command",
  caseId,
  command: buildCommand({ argv }),
});
const migrationStarted = (caseId: string, guest: string): NewEvent => ({
  type: "migration-started",
  caseId,
  leg: 1,
  guest,
  source: "h1",
  target: "h2",
});
const migrationEnded = (caseId: string, guest: string): NewEvent => ({
  type: "migration-ended",
  caseId,
  record: buildMigration({ guest }),
});
const ended = (id: string, over: Partial<CaseVerdict> = {}): NewEvent => ({
  type: "case-ended",
  result: verdict(id, over),
});

const whole: NewEvent[] = [
  { type: "job-started", jobId: plan.jobId },
  { type: "command", command: buildCommand({ argv: ["uname", "-nr"] }) },
  started("a"),
  { type: "step-started", caseId: "a", step: "leg 1" },
  command("a", "virsh", "list"),
  migrationStarted("a", "g1"),
  migrationStarted("a", "g2"),
  migrationEnded("a", "g2"),
  migrationEnded("a", "g1"),
  { type: "step-ended", caseId: "a", step: "leg 1" },
  command("a", "virsh", "undefine"),
  ended("a"),
  started("b"),
  { type: "step-started", caseId: "b", step: "leg 1" },
  { type: "connection-lost", caseId: "b", host: "h1", reason: "reset" },
  { type: "step-ended", caseId: "b", step: "leg 1", error: "reset" },
  ended("b", { status: "ERROR", reason: "reset" }),
  { type: "job-ended", interrupted: false, leftovers: ["lock on h1"] },
];
const fold = (events: readonly NewEvent[]) => foldEvents(plan, stampEvents(events));

describe("foldEvents", () => {
  it("attaches commands, migrations and phases to their case, in order", () => {
    const [a, b, c] = fold(whole).cases;
    assert.deepEqual(
      a?.commands.map(({ argv }) => argv.join(" ")),
      ["virsh list", "virsh undefine"],
    );
    assert.deepEqual(
      a?.migrations.map(({ guest }) => guest),
      ["g2", "g1"],
    );
    assert.deepEqual(a?.phases, [{ name: "leg 1", startMs: 300, durationMs: 600 }]);
    assert.deepEqual(b?.phases, [{ name: "leg 1", startMs: 1300, durationMs: 200, error: "reset" }]);
    assert.deepEqual([a?.status, b?.status, c?.status, c?.reason], ["PASS", "ERROR", "SKIP", "h2 has no KVM"]);
  });

  it("calls a phase what it turned out to be, and says why", () => {
    const did = { name: "start 2 guests", note: "the guests of b were not taken over: b came to WARN" };
    const events: NewEvent[] = [
      started("a"),
      { type: "step-started", caseId: "a", step: "take over 2 guests of b" },
      { type: "step-ended", caseId: "a", step: "take over 2 guests of b", did },
    ];
    assert.deepEqual(fold(events).cases[0]?.phases, [{ ...did, startMs: 100, durationMs: 100 }]);
  });

  it("takes the end of the job from its last event", () => {
    const { interrupted, leftovers, durationMs } = fold(whole);
    assert.deepEqual(
      { interrupted, leftovers, durationMs },
      { interrupted: false, leftovers: ["lock on h1"], durationMs: 1700 },
    );
  });

  it("a case that was cut off is INTERRUPTED, with what it had done, and a migration under way is unknown", () => {
    const job = fold(whole.slice(0, 8));
    const [a, b] = job.cases;
    assert.equal(a?.status, "INTERRUPTED");
    assert.equal(a?.durationMs, 500);
    assert.equal(a?.commands.length, 1);
    assert.deepEqual(
      a?.migrations.map(({ guest, outcome }) => `${guest} ${outcome}`),
      ["g2 completed", "g1 unknown"],
    );
    assert.deepEqual([b?.status, b?.reason], ["SKIP", "the job ended before this case was started"]);
    assert.equal(job.interrupted, true);
  });

  it("a job that died between two cases was interrupted too", () => {
    assert.equal(fold(whole.slice(0, 12)).interrupted, true);
  });

  it("a case that was started again counts from its last start", () => {
    const [a] = fold([...whole.slice(0, 8), ...whole]).cases;
    assert.equal(a?.status, "PASS");
    assert.equal(a?.commands.length, 2);
    assert.equal(a?.migrations.length, 2);
  });

  it("a resumed job forgets the end of the first run", () => {
    const first: NewEvent[] = [...whole.slice(0, 8), { type: "job-ended", interrupted: true, leftovers: ["x"] }];
    const { interrupted, leftovers } = fold([...first, ...whole]);
    assert.deepEqual({ interrupted, leftovers }, { interrupted: false, leftovers: ["lock on h1"] });
  });

  it("a case that was skipped while the job ran keeps its reason, though it never started", () => {
    const [, b] = fold([
      ...whole.slice(0, 12),
      ended("b", { status: "SKIP", reason: "h1 was taken out of the job" }),
    ]).cases;
    assert.deepEqual([b?.status, b?.reason], ["SKIP", "h1 was taken out of the job"]);
  });

  it("any part of any history gives exactly one result for every planned case", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...whole, ended("unplanned"), command("unplanned", "ls")), { maxLength: 60 }),
        (events) => {
          for (let length = 0; length <= events.length; length += 1)
            assert.deepEqual(
              fold(events.slice(0, length)).cases.map((result) => result.case.id),
              ["a", "b", "c"],
            );
        },
      ),
      { numRuns: 50 },
    );
  });
});
