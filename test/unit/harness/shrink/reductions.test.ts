import assert from "node:assert/strict";
import fc from "fast-check";
import { conflictsIn } from "../../../../harness/conflicts.js";
import { reductions } from "../../../../harness/shrink/reductions.js";
import { ROWS } from "../../../../harness/shrink/rows.js";
import { asWritten } from "../../../../lib/model/numeric-params.js";
import { type Params, paramsSchema } from "../../../../lib/model/params.js";
import { buildParams } from "../../../support/build.js";
import { someParams } from "./some-params.js";

const namesOf = (given: unknown, staying?: readonly string[]): string[] =>
  reductions(buildParams(given), staying).map(({ name }) => name);
const afterOf = (given: unknown, name: string): Params | undefined =>
  reductions(buildParams(given)).find((one) => one.name === name)?.params;

describe("harness/shrink/reductions", () => {
  it("has nothing to take from a case that says nothing", () => assert.deepEqual(namesOf({}), []));

  it("goes down to the lowest number first, and then back up in ever smaller steps", () => {
    assert.deepEqual(namesOf({ movement: { rounds: 10 } }), [
      ...[1, 1, 6, 8, 9].map((rounds) => `movement.rounds ${rounds} instead of 10`),
    ]);
  });

  it("takes a list away whole, in halves and one by one", () => {
    const load = [1, 2, 3, 4].map((cpu) => ({ on: "guests", tool: "stress", args: ["--cpu", String(cpu)] }));
    const names = namesOf({ load }).filter((name) => name.includes(" of 4"));
    assert.deepEqual(names, [...["1 to 2", "3 to 4", "1", "2", "3", "4"].map((which) => `without load ${which} of 4`)]);
    assert.deepEqual(
      afterOf({ load }, "without load 3 of 4")?.load.map(({ args }) => args[1]),
      ["1", "2", "4"],
    );
  });

  it("makes an order simpler, and what only the other order takes goes with it", () => {
    const given = { guests: { count: 4 }, movement: { pattern: "cross", concurrency: 3 } };
    const name = "movement.pattern orderly instead of cross, without movement.concurrency 3";
    assert.deepEqual(afterOf(given, name)?.movement, { pattern: "orderly", rounds: 1, turns: [] });
    assert.ok(namesOf(given).includes("movement.pattern simultaneous instead of cross"));
  });

  it("leaves two guests where the order takes two, and one guest takes another order along", () => {
    const names = namesOf({ guests: { count: 2 }, movement: { pattern: "simultaneous" } });
    assert.ok(!names.includes("guests.count 1 instead of 2"));
    assert.ok(names.includes("guests.count 1 instead of 2, movement.pattern orderly instead of simultaneous"));
  });

  it("brings faults forward, for a leg that is gone would take them away", () => {
    const names = namesOf({ movement: { rounds: 2 }, faults: [{ do: "block-rpc" }, { do: "block-data", leg: 3 }] });
    assert.ok(names.includes("faults.1.leg 1 instead of 3"));
  });

  it("tries a mode with all that only the other one takes", () => {
    const given = { migration: { mode: "postcopy", timeout: "60s", timeoutAction: "postcopy" } };
    const after = afterOf(
      given,
      "migration.mode precopy instead of postcopy, migration.timeoutAction suspend instead of postcopy",
    );
    assert.equal(after?.migration.timeout, 60_000);
  });

  it("lets alone what the case is judged by, and stress that it does not have", () => {
    assert.deepEqual(namesOf({ limits: { downtime: "60s", totalTime: "1h" }, expect: { outcome: "failed" } }), []);
    assert.ok(!namesOf({ movement: { rounds: 2 } }).some((name) => name.includes("stress")));
  });

  it("lets alone what is to stay, and takes the rest", () => {
    const given = { movement: { rounds: 2 }, faults: [{ do: "block-data" }], migration: { autoConverge: true } };
    assert.deepEqual(namesOf(given, ["faults", "migration"]), [
      "movement.rounds 1 instead of 2",
      "movement.rounds 1 instead of 2",
    ]);
  });

  it("gives only cases that a scenario could say, each another one", () => {
    fc.assert(
      fc.property(someParams, (params) => {
        for (const { name, params: after } of reductions(params)) {
          assert.notDeepEqual(after, params, name);
          assert.deepEqual(paramsSchema.parse(asWritten(after)), after, name);
          assert.deepEqual(conflictsIn(after), [], name);
          assert.notEqual(name, "");
        }
      }),
      { numRuns: 30 },
    );
  });

  it("can take away every parameter by itself, or says why it is let alone", () => {
    const known = ROWS.flatMap((row) => [
      // Together with others does not count: of two that go together one may be needed.
      ...("reset" in row && row.reset?.length === 1 ? row.reset : []),
      ..."fewer half entries keys word".split(" ").flatMap((kind) => (row as Record<string, unknown>)[kind] ?? []),
    ]).map(String);
    const all = Object.entries(buildParams({})).flatMap(([section, value]) =>
      Array.isArray(value) ? [section] : Object.keys(shapeOf(section)).map((key) => `${section}.${key}`),
    );
    assert.ok(all.length > 50);
    const forgotten = all.filter((path) => !known.some((one) => one === path || one.startsWith(`${path}.`)));
    assert.deepEqual(forgotten, [
      // Without them there is no stress and no class, which is a row of its own; the duration is an upper bound.
      ...["stress.tool", "stress.duration", "classes.on", "classes.link"],
      // What the case is judged by.
      ...["limits.downtime", "limits.totalTime", "limits.boot", "expect.outcome", "expect.error"],
    ]);
  });
});

/** Also of what may be absent. */
function shapeOf(section: string): object {
  let { def } = paramsSchema.shape[section as keyof Params] as unknown as Schema;
  while (def.innerType !== undefined) ({ def } = def.innerType);
  return def.shape ?? {};
}

interface Schema {
  readonly def: { readonly innerType?: Schema; readonly shape?: object };
}
