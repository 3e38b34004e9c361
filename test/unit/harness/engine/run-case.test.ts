import assert from "node:assert/strict";
import { runCase, type World } from "../../../../harness/engine/run-case.js";
import { CancelCase } from "../../../../lib/errors.js";
import type { CheckResult, Evidence } from "../../../../lib/model/check.js";
import type { NewEvent } from "../../../../lib/model/event.js";
import type { Kept } from "../../../../lib/model/kept.js";
import { paramsSchema } from "../../../../lib/model/params.js";
import { plainText } from "../../../../lib/model/plain-text.js";
import type { RunnablePlan } from "../../../../lib/model/plan.js";
import type { Status } from "../../../../lib/model/status.js";
import { whyOf } from "../../../../reports/summary.js";

const testCase = { id: "s.a", scenario: "s", variants: ["a"], tags: [], testIds: [], params: paramsSchema.parse({}) };
const plan: RunnablePlan = {
  verdict: "run",
  case: testCase,
  hosts: ["h1", "h2"],
  guests: [],
  booters: [],
  herd: "s.a",
  leavesGuests: false,
  steps: [
    { kind: "inspect-hosts", name: "inspect", deadlineMs: 1_000 },
    { kind: "evidence-after", name: "after", deadlineMs: 1_000 },
  ],
};
const evidence: Evidence = {
  case: testCase,
  legs: [],
  migrations: [],
  guests: [],
  hosts: [],
  load: [],
  boots: [],
  events: [],
  eventGaps: [],
};
const result = (status: CheckResult["status"]): CheckResult => ({ check: "c", status, message: "m" });
const world = (over: Partial<World>): World => ({
  emit: () => undefined,
  doStep: async () => undefined,
  restore: async () => [],
  evidence: async () => evidence,
  judge: () => [result("PASS")],
  leave: async () => [],
  ...over,
});
const left = (status: Status): string[] => (status === "PASS" ? [] : [`g1 after ${status}`]);
const broken = () => Promise.reject(new Error("ssh broke"));

describe("runCase", () => {
  const table: [string, Partial<World>, Status][] = [
    ["all well", {}, "PASS"],
    ["a check warns", { judge: () => [result("PASS"), result("WARN")] }, "WARN"],
    ["a check fails", { judge: () => [result("FAIL"), result("ERROR")] }, "FAIL"],
    ["a check could not tell", { judge: () => [result("ERROR"), result("PASS")] }, "ERROR"],
    ["nothing is judged", { judge: () => [] }, "ERROR"],
    ["a step throws", { doStep: broken }, "ERROR"],
    ["a step throws, and what was gathered proves a fault", { doStep: broken, judge: () => [result("FAIL")] }, "FAIL"],
    ["a step throws, and what was gathered looks well", { doStep: broken, judge: () => [result("PASS")] }, "ERROR"],
    ["the case does not apply", { doStep: () => Promise.reject(new CancelCase("no such device")) }, "CANCEL"],
    ["a host is left changed", { restore: async () => ["h1: bridge"] }, "ERROR"],
    [
      "a host left changed does not hide a fault",
      { restore: async () => ["x"], judge: () => [result("FAIL")] },
      "FAIL",
    ],
    ["the restore itself throws", { restore: broken }, "ERROR"],
    ["the evidence cannot be gathered", { evidence: () => Promise.reject(new Error("gone")) }, "ERROR"],
  ];
  for (const [name, over, status] of table)
    it(`${name}: ${status}`, async () => {
      assert.equal((await runCase(plan, world(over), new AbortController().signal)).status, status);
    });

  describe("of which nobody says why", () => {
    const silent: Readonly<Record<string, unknown>> = {
      "an error without words": new Error(),
      "a cancellation without words": new CancelCase(""),
      "several errors at once, none of which says more": new AggregateError([new Error("\u001b[0m"), ""]),
      "an empty text": "",
      nothing: undefined,
    };
    const places: readonly (readonly [string, (thrown: unknown) => Partial<World>])[] = [
      ["a step", (thrown) => ({ doStep: () => Promise.reject(thrown) })],
      ["the evidence", (thrown) => ({ evidence: () => Promise.reject(thrown) })],
      ["the restore", (thrown) => ({ restore: () => Promise.reject(thrown) })],
      ["the end", (thrown) => ({ leave: () => Promise.reject(thrown) })],
    ];
    const hasReason = async (over: Partial<World>): Promise<void> => {
      const verdict = await runCase(plan, world(over), new AbortController().signal);
      assert.notEqual(verdict.status, "PASS");
      assert.match(plainText(whyOf(verdict) ?? ""), /\p{L}/u);
      assert.ok(verdict.reason === undefined || plainText(verdict.reason) !== "");
    };
    for (const [what, thrown] of Object.entries(silent))
      for (const [place, over] of places)
        it(`has a reason all the same: ${what}, from ${place}`, () => hasReason(over(thrown)));
    it("has a reason when a check has none", () => hasReason({ judge: () => [{ ...result("FAIL"), message: "" }] }));
    it("has a reason when nobody says what is left", () => hasReason({ restore: async () => [""] }));
    it("has a reason when it was stopped without one", async () => {
      for (const reason of [undefined, "", new Error()]) {
        const stopped = new AbortController();
        const doStep = async () => stopped.abort(reason);
        const { status, reason: told = "" } = await runCase(plan, world({ doStep }), stopped.signal);
        assert.equal(status, "INTERRUPTED");
        assert.notEqual(plainText(told), "");
      }
    });
  });

  it("tells the verdict to whoever may have left something for the next case, and counts what stays behind", async () => {
    const run = (over: Partial<World>) =>
      runCase(plan, world({ leave: async (status) => left(status), ...over }), new AbortController().signal);
    assert.deepEqual((await run({})).leftovers, []);
    const failed = await run({ judge: () => [result("WARN")] });
    assert.deepEqual([failed.status, failed.leftovers], ["ERROR", ["g1 after WARN"]]);
    assert.equal((await run({ leave: broken })).status, "ERROR");
  });

  describe("where hosts are to be kept", () => {
    const kept: Kept = { hosts: ["h1", "h2"], until: "2026-11-21T14:42:00.000Z", guests: [] };
    /** What was done, and what came of it. */
    const run = async (over: Partial<World>, held: () => Promise<Kept> = async () => kept, signal?: AbortSignal) => {
      const done: string[] = [];
      const note =
        <T>(what: string, value: T) =>
        async (): Promise<T> => {
          done.push(what);
          return value;
        };
      const keeping = {
        evidence: note("look", evidence),
        hold: (status: Status) => {
          done.push(`hold after ${status}`);
          return held();
        },
      };
      const all = { restore: note("restore", []), evidence: note("look again", evidence), keeping, ...over };
      const verdict = await runCase(plan, world(all), signal ?? new AbortController().signal);
      return { done, status: verdict.status, kept: verdict.kept, leftovers: verdict.leftovers };
    };
    const AS_USUAL = ["restore", "look again"];

    it("a FAIL leaves them as they are", async () =>
      assert.deepEqual(
        await run({ judge: () => [result("FAIL")], leave: () => assert.fail("nothing is taken away") }),
        {
          done: ["look", "hold after FAIL"],
          ...{ status: "FAIL", kept, leftovers: [] },
        },
      ));
    it("so does an ERROR, of a check or of a step", async () => {
      for (const over of [{ judge: () => [result("ERROR")] }, { doStep: broken }])
        assert.deepEqual((await run(over)).done, ["look", "hold after ERROR"]);
    });
    it("a WARN does not, nor a PASS: they are put back and judged as usual", async () => {
      for (const status of ["WARN", "PASS"] as const) {
        const { done, ...verdict } = await run({ judge: () => [result(status)] });
        assert.deepEqual([done, verdict], [["look", ...AS_USUAL], { status, kept: undefined, leftovers: [] }]);
      }
    });
    it("a case that does not apply is not even looked at", async () =>
      assert.deepEqual((await run({ doStep: () => Promise.reject(new CancelCase("no such device")) })).done, AS_USUAL));
    it("a job that is stopped puts them back, before the look and behind it", async () => {
      const [stopped, stopping] = [new AbortController(), new AbortController()];
      const early: Partial<World> = {
        doStep: async ({ kind }) => {
          if (kind === "evidence-after") stopped.abort(new Error("stopped by SIGINT"));
        },
        judge: () => [result("FAIL")],
      };
      assert.deepEqual((await run(early, undefined, stopped.signal)).done, AS_USUAL);
      const judge = () => {
        stopping.abort(new Error("stopped by SIGINT"));
        return [result("FAIL")];
      };
      const late = await run({ judge }, undefined, stopping.signal);
      assert.deepEqual([late.done, late.status], [["look", ...AS_USUAL], "FAIL"]);
    });
    it("they are put back where they cannot be held", async () => {
      const { done, status, kept: none } = await run({ judge: () => [result("FAIL")] }, broken);
      assert.deepEqual([done, status, none], [["look", "hold after FAIL", ...AS_USUAL], "FAIL", undefined]);
    });
  });

  it("does not take a step that may last for a month for one that is late", async () => {
    const long: RunnablePlan = {
      ...plan,
      steps: [{ kind: "inspect-hosts", name: "inspect", deadlineMs: 30 * 86_400_000 }],
    };
    const doStep = (_: unknown, signal: AbortSignal) =>
      new Promise<void>((done, late) => {
        signal.addEventListener("abort", () => late(signal.reason), { once: true });
        setTimeout(done, 20);
      });
    assert.equal((await runCase(long, world({ doStep }), new AbortController().signal)).status, "PASS");
  });

  it("restores after a step that threw, and says why it stopped", async () => {
    const seen: string[] = [];
    const verdict = await runCase(
      plan,
      world({
        doStep: broken,
        restore: async () => {
          seen.push("restore");
          return [];
        },
      }),
      new AbortController().signal,
    );
    assert.deepEqual(seen, ["restore"]);
    assert.equal(verdict.reason, "ssh broke");
  });

  it("is interrupted, restored and not judged when the job is stopped", async () => {
    const controller = new AbortController();
    let restored = false;
    const verdict = await runCase(
      plan,
      world({
        doStep: async () => controller.abort(new Error("stopped by SIGINT")),
        restore: async () => {
          restored = true;
          return [];
        },
        judge: () => assert.fail("an interrupted case is not judged"),
      }),
      controller.signal,
    );
    assert.equal(verdict.status, "INTERRUPTED");
    assert.equal(verdict.reason, "stopped by SIGINT");
    assert.ok(restored);
  });

  it("names the step whose deadline passed", async () => {
    const late: RunnablePlan = { ...plan, steps: [{ kind: "inspect-hosts", name: "inspect", deadlineMs: 20 }] };
    const verdict = await runCase(
      late,
      world({
        doStep: (_, signal) =>
          new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      }),
      new AbortController().signal,
    );
    assert.equal(verdict.status, "ERROR");
    assert.match(verdict.reason ?? "", /inspect ran past 0\.02 s/);
  });

  it("tells of every step, the restore among them, and ends with its verdict", async () => {
    const events: NewEvent[] = [];
    await runCase(plan, world({ emit: (event) => events.push(event) }), new AbortController().signal);
    const told = events.map((event) => ("step" in event ? `${event.type} ${event.step}` : event.type));
    assert.deepEqual(told, [
      "case-started",
      "step-started inspect",
      "step-ended inspect",
      "step-started after",
      "step-ended after",
      "step-started restore",
      "step-ended restore",
      "case-ended",
    ]);
  });

  it("tells what a step turned out to be, also when it breaks", async () => {
    const did = { name: "start 2 guests", note: "s.b came to WARN" };
    for (const breaks of [false, true]) {
      const events: NewEvent[] = [];
      const doStep: World["doStep"] = async ({ kind }, _, told) => {
        if (kind === "inspect-hosts") told(did);
        if (breaks) throw new Error("ssh broke");
      };
      await runCase(plan, world({ emit: (event) => events.push(event), doStep }), new AbortController().signal);
      const [first, second] = events.filter(({ type }) => type === "step-ended");
      assert.deepEqual(first, {
        ...{ type: "step-ended", caseId: "s.a", step: "inspect", did },
        ...(breaks ? { error: "ssh broke" } : {}),
      });
      assert.ok(second !== undefined && !("did" in second));
    }
  });
});
