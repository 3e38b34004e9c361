import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCases } from "../../../harness/job.js";
import type { NewEvent } from "../../../lib/model/event.js";
import { paramsSchema } from "../../../lib/model/params.js";
import type { RunnablePlan } from "../../../lib/model/plan.js";
import type { JobPlan } from "../../../lib/model/result.js";

const planned = (id: string, herd: string): RunnablePlan => ({
  verdict: "run",
  case: { id, scenario: "s", variants: [], tags: [], testIds: [], params: paramsSchema.parse({}) },
  ...{ hosts: ["h1", "h2"], guests: [], booters: [], steps: [], herd, leavesGuests: true },
});
const plan = { jobId: "job-1", plans: [planned("s.a", "s.a"), planned("s.b", "s.a"), planned("s.c", "s.c")] };

describe("the cases of a job", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "job-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const ran = async (stuck: readonly string[]) => {
    const events: NewEvent[] = [];
    const [begun, dismissed]: [string[], string[]] = [[], []];
    const edges = {
      ...{ folder, failFast: false, signal: new AbortController().signal },
      log: { emit: (event: NewEvent) => void events.push(event) } as never,
    };
    const outcome = await runCases(plan as unknown as JobPlan, edges, async ({ case: testCase, herd }, handover) => {
      begun.push(testCase.id);
      handover.herd = { leader: herd, journal: "", logins: new Map() };
      handover.dismiss = async () => {
        dismissed.push(`${herd} after ${testCase.id}`);
        return stuck;
      };
      const nothing = { checks: [], legs: [], leftovers: [], unknownGuests: [] };
      return { case: testCase, status: "PASS", durationMs: 1, ...nothing };
    });
    const skipped = events.flatMap((event) => (event.type === "case-ended" ? [event.result.reason] : []));
    return { begun, dismissed, skipped, ...outcome };
  };

  it("take guests over, and take away those that the next one does not want", async () =>
    assert.deepEqual(await ran([]), {
      begun: ["s.a", "s.b", "s.c"],
      dismissed: ["s.a after s.b", "s.c after s.c"],
      ...{ skipped: [], isClean: true, leftovers: [] },
    }));

  it("that could not even be run are ERROR with the reason, and the next one is run", async () => {
    const told: NewEvent[] = [];
    const edges = {
      ...{ folder, failFast: false, signal: new AbortController().signal },
      log: { emit: (event: NewEvent) => void told.push(event) } as never,
    };
    const { isClean } = await runCases(plan as unknown as JobPlan, edges, async ({ case: { id } }) => {
      throw new Error(`no space left for ${id}`);
    });
    const results = told.flatMap((event) => (event.type === "case-ended" ? [event.result] : []));
    assert.deepEqual(
      results.map(({ status, reason }) => [status, reason]),
      ["s.a", "s.b", "s.c"].map((id) => ["ERROR", `the case could not be run: no space left for ${id}`]),
    );
    assert.equal(isClean, true);
  });

  it("do not begin behind one whose hosts are kept, and its guests stay", async () => {
    const events: NewEvent[] = [];
    const edges = {
      ...{ folder, failFast: false, signal: new AbortController().signal },
      log: { emit: (event: NewEvent) => void events.push(event) } as never,
    };
    const begun: string[] = [];
    const outcome = await runCases(plan as unknown as JobPlan, edges, async ({ case: testCase, herd }, handover) => {
      begun.push(testCase.id);
      handover.herd = { leader: herd, journal: "", logins: new Map() };
      handover.dismiss = () => assert.fail("guests that are kept are not taken away");
      const kept = { hosts: ["h1", "h2"], until: "2026-11-21T14:42:00.000Z", guests: [] };
      const nothing = { checks: [], legs: [], leftovers: [], unknownGuests: [] };
      return { case: testCase, status: "FAIL", durationMs: 1, ...nothing, kept };
    });
    assert.deepEqual([begun, outcome], [["s.a"], { isClean: false, leftovers: [] }]);
    assert.deepEqual(
      events.flatMap((event) => (event.type === "case-ended" ? [event.result.reason] : [])),
      ["s.b", "s.c"].map(() => "not run: h1 and h2 are kept as s.a left them, until 2026-11-21T14:42:00Z"),
    );
  });

  it("do not begin on hosts on which guests of an earlier one are left", async () => {
    const { begun, skipped, isClean, leftovers } = await ran(["h1: guest g1: will not go"]);
    assert.deepEqual(begun, ["s.a", "s.b"]);
    assert.deepEqual(skipped, [
      "h1 and h2 were taken out of the job: guests of an earlier case are left: h1: guest g1: will not go",
    ]);
    assert.deepEqual([isClean, leftovers], [false, ["h1: guest g1: will not go"]]);
  });
});
