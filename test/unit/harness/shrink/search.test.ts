import assert from "node:assert/strict";
import fc from "fast-check";
import { randomFrom } from "../../../../harness/random.js";
import { outcomeOf } from "../../../../harness/shrink/outcome-of.js";
import { reductions } from "../../../../harness/shrink/reductions.js";
import { restsOn } from "../../../../harness/shrink/rests-on.js";
import { keyOf, type Searching, search } from "../../../../harness/shrink/search.js";
import type { Params } from "../../../../lib/model/params.js";
import type { Outcome } from "../../../../lib/model/shrink.js";
import { STATUSES, type Status } from "../../../../lib/model/status.js";
import { buildParams } from "../../../support/build.js";
import { someParams } from "./some-params.js";

const SEEN = { runs: 5, failed: 5 };

/** A world in which a case fails when it has something. */
function world(outcome: (params: Params) => Outcome, over: Partial<Searching> = {}) {
  const asked: Params[] = [];
  const decisions: string[] = [];
  const searching: Searching = {
    reductions,
    run: async (params) => {
      asked.push(params);
      return { outcome: outcome(params) };
    },
    whyStop: () => undefined,
    maxRuns: 10,
    tell: async ({ name }, runs, decision) => {
      decisions.push(`${name}: ${runs.length} ${decision}`);
    },
    ...over,
  };
  return { asked, decisions, searching };
}

/** What a failure may need: the more a case has, the more of them it meets. */
const NEEDS: readonly ((params: Params) => boolean)[] = [
  ({ guests }) => guests.count >= 3,
  ({ movement }) => movement.rounds >= 2,
  ({ movement }) => movement.pattern !== "orderly",
  ({ load }) => load.length >= 1,
  ({ load }) => load.some(({ on }) => on === "target"),
  ({ faults }) => faults.some((fault) => fault.do === "kill-libvirtd"),
  ({ migration }) => migration.mode === "postcopy",
  ({ migration }) => migration.channel === "tunnelled",
  ({ stress }) => stress.hostMemory !== undefined,
  ({ guests }) => guests.disks.some(({ use }) => use === "swap"),
  ({ probes }) => probes.path,
  ({ booting }) => booting.besides >= 2,
];
const needs = fc.subarray([...NEEDS]);

describe("harness/shrink/search", function () {
  this.timeout(60_000);

  it("finds a case that still fails, and of which nothing more can be taken", async () => {
    await fc.assert(
      fc.asyncProperty(someParams, needs, async (start, all) => {
        const met = all.filter((need) => need(start));
        const fails = (params: Params): boolean => met.every((need) => need(params));
        const { searching, asked } = world((params) => (fails(params) ? "same" : "other"));
        const { taken, stopped } = await search(start, SEEN, searching);
        const best = taken.at(-1)?.params ?? start;
        assert.equal(stopped, undefined);
        assert.ok(taken.every(({ params }) => fails(params)));
        assert.deepEqual(
          reductions(best).filter(({ params }) => fails(params)),
          [],
          "nothing smaller fails",
        );
        assert.ok(new Set(asked.map(keyOf)).size >= asked.length / 2, "two runs at most of each");
      }),
      { numRuns: 15 },
    );
  });

  it("finds it nearly always when the failure is seen only now and then, and never what cannot fail", async () => {
    const isSmallest: boolean[] = [];
    await fc.assert(
      fc.asyncProperty(someParams, needs, fc.nat(), async (start, all, seed) => {
        const random = randomFrom(seed);
        const met = all.filter((need) => need(start));
        const fails = (params: Params): boolean => met.every((need) => need(params));
        const { searching } = world((params) => (fails(params) && random() < 0.5 ? "same" : "other"));
        const { taken } = await search(start, { runs: 10, failed: 5 }, { ...searching, maxRuns: 40 });
        assert.ok(taken.every(({ params }) => fails(params)));
        const best = taken.at(-1)?.params ?? start;
        isSmallest.push(!reductions(best).some(({ params }) => fails(params)));
      }),
      // Always the same, for chance may leave out what is not needed.
      { numRuns: 20, seed: 1 },
    );
    const smallest = isSmallest.filter(Boolean).length;
    assert.ok(smallest >= 15, `${smallest} of ${isSmallest.length}`);
  });

  const start = buildParams({
    guests: { count: 2 },
    movement: { rounds: 2 },
    load: [{ on: "guests", tool: "stress", args: ["--cpu", "1"] }],
  });

  it("takes at the first failure, leaves out after enough runs, and never asks again what it knows", async () => {
    const { searching, decisions } = world(({ movement }) => (movement.rounds === 2 ? "same" : "other"));
    await search(start, { runs: 3, failed: 3 }, searching);
    const all = "guests.count 1 instead of 2, movement.rounds 1 instead of 2, without load";
    assert.deepEqual(decisions, [
      ...[`${all}: 1 undecided`, `${all}: 2 left-out`],
      ...["movement.rounds 1 instead of 2: 1 undecided", "movement.rounds 1 instead of 2: 2 left-out"],
      "guests.count 1 instead of 2: 1 taken",
      // One round of what is left is what was tried first.
      "without load: 1 taken",
    ]);
  });

  it("tries once more what was left out, when something else has made it possible", async () => {
    const hit = ({ movement, faults }: Params): boolean => faults.some(({ leg = 1 }) => leg <= movement.rounds * 2);
    const { searching, decisions } = world((params) => (hit(params) ? "same" : "other"));
    const given = buildParams({ movement: { rounds: 2 }, faults: [{ do: "block-data", leg: 3 }] });
    const { taken } = await search(given, { runs: 20, failed: 20 }, searching);
    assert.deepEqual(taken.at(-1)?.params, buildParams({ faults: [{ do: "block-data", leg: 1 }] }));
    assert.ok(decisions.includes("movement.rounds 1 instead of 2: 1 left-out"));
    assert.equal(decisions.at(-2), "movement.rounds 1 instead of 2: 1 taken");
  });

  it("asks less often the more failures it has seen", async () => {
    const { searching, decisions } = world(({ migration }) => (migration.autoConverge ? "same" : "other"));
    const given = buildParams({ movement: { rounds: 2 }, migration: { autoConverge: true } });
    for (const failed of [8, 9]) await search(given, { runs: failed, failed }, searching);
    const taken = "movement.rounds 1 instead of 2: 1 taken";
    assert.deepEqual(decisions, [
      ...[taken, "without migration: 1 undecided", "without migration: 2 left-out"],
      ...[taken, "without migration: 1 left-out"],
    ]);
  });

  it("does not run a second time what cannot tell", async () => {
    const { searching, asked } = world(() => "unfit");
    await search(start, SEEN, searching);
    assert.equal(new Set(asked.map(keyOf)).size, asked.length);
    assert.ok(asked.length >= 3);
  });

  it("stops between two runs, with what was taken by then and nothing that was still open", async () => {
    let runs = 0;
    const { searching } = world(({ movement }) => (movement.rounds === 2 ? "same" : "other"));
    const found = await search(start, SEEN, {
      ...searching,
      run: (params) => {
        runs += 1;
        return searching.run(params);
      },
      whyStop: () => (runs === 5 ? "the time is over" : undefined),
    });
    assert.equal(found.stopped, "the time is over");
    assert.deepEqual(
      found.taken.map(({ name }) => name),
      ["guests.count 1 instead of 2"],
    );
  });

  it("ends with a run that was cut off", async () => {
    const { searching } = world(() => "untold");
    assert.deepEqual(await search(start, SEEN, searching), { taken: [], stopped: "a run was cut off" });
  });
});

describe("harness/shrink/outcome-of", () => {
  const WANTED = "FAIL place: *";
  const table: readonly (readonly [Parameters<typeof outcomeOf>[0], boolean, Outcome])[] = [
    [{ status: "FAIL", signature: WANTED }, false, "same"],
    [{ status: "FAIL", signature: "FAIL silence: *" }, false, "other"],
    [{ status: "PASS" }, false, "other"],
    [{ status: "WARN" }, false, "other"],
    [{ status: "ERROR", signature: "ERROR: no guest" }, false, "unfit"],
    [{ status: "SKIP" }, false, "unfit"],
    [{ status: "CANCEL" }, false, "unfit"],
    [{ status: "INTERRUPTED", signature: "INTERRUPTED: it took more than # s" }, true, "unfit"],
    [{ status: "INTERRUPTED", signature: "INTERRUPTED: stopped by SIGINT" }, false, "untold"],
    [{}, false, "untold"],
  ];
  for (const [run, isTooLong, outcome] of table)
    it(`${run.signature ?? run.status ?? "no verdict"}${isTooLong ? ", cut off by us" : ""}: ${outcome}`, () =>
      assert.equal(outcomeOf(run, WANTED, isTooLong), outcome));

  it("another ERROR, where one is looked for, is asked again", () => {
    const outcome = (status: Status) => outcomeOf({ status, signature: `${status}: b` }, "ERROR load: a", false);
    assert.deepEqual(STATUSES.map(outcome), ["other", "other", "unfit", "unfit", "other", "other", "untold"]);
  });
});

describe("harness/shrink/rests-on", () => {
  const pathsOf = (given: unknown, check?: string): string[] =>
    restsOn(buildParams(given), check).flatMap((expectation) => expectation.restsOn);

  it("lets everything go where nothing unusual is expected", () => {
    assert.deepEqual(pathsOf({ faults: [{ do: "block-data" }] }, "outcome"), []);
    assert.deepEqual(pathsOf({ expect: { outcome: "failed" } }, "residue"), []);
    assert.deepEqual(pathsOf({ expect: { channel: "native" } }, undefined), []);
  });

  it("keeps what is to bring about what did not come about", () => {
    assert.ok(pathsOf({ expect: { outcome: "failed" } }, "outcome").includes("faults"));
    assert.ok(pathsOf({ expect: { channel: "native" } }, "channel").includes("guests.flavor"));
    assert.ok(pathsOf({ expect: { red: ["classes"] } }, "classes").includes("classes"));
  });

  it("so that a fault that did not bite is not shrunk to no fault at all", () => {
    const params = buildParams({
      movement: { rounds: 2 },
      faults: [{ do: "block-data" }],
      expect: { outcome: "failed" },
    });
    const staying = pathsOf({ expect: { outcome: "failed" } }, "outcome");
    for (const { params: after } of reductions(params, staying)) assert.deepEqual(after.faults, params.faults);
  });

  it("nor to fewer rounds than the leg that a fault waits for", () => {
    const expected = [
      { check: "outcome", expect: { outcome: "failed" } },
      { check: "channel", expect: { channel: "native" } },
      { check: "outcome", expect: { red: ["outcome"] } },
    ];
    for (const { check, expect } of expected) {
      const given = { movement: { rounds: 2 }, faults: [{ do: "block-data", leg: 3 }], expect };
      for (const { name, params } of reductions(buildParams(given), pathsOf(given, check)))
        assert.equal(params.movement.rounds, 2, name);
    }
  });

  it("nor is a migration that was to be given up made short", () => {
    const given = { guests: { memory: "1GiB" }, expect: { outcome: "failed" } };
    const memory = (migration: object): boolean =>
      reductions(buildParams({ ...given, migration }), pathsOf({ ...given, migration }, "outcome")).some(
        ({ params }) => params.guests.memory < 1_024,
      );
    assert.ok(memory({ timeout: "5s" }));
    assert.ok(!memory({ timeout: "5s", timeoutAction: "abort" }));
  });

  it("nor is a check that was to say FAIL left without the trouble that it was to see", () => {
    const given = {
      guests: { count: 4, memory: "1GiB", vcpus: 2, cache: "unsafe" },
      movement: { pattern: "cross", concurrency: 3 },
      load: [{ on: "guests", tool: "stress", args: ["--vm", "1"] }],
      stress: { tool: "stress", hosts: "source" },
      booting: { besides: 2 },
      expect: { red: ["silence"], cpuRatio: 2 },
    };
    const names = (check: string): string[] =>
      reductions(buildParams(given), pathsOf(given, check)).map(({ name }) => name);
    assert.deepEqual(names("silence"), ["without expect.cpuRatio 2"]);
    assert.ok(names("residue").length > 10);
  });
});
