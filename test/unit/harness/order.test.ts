import assert from "node:assert/strict";
import { guestsKey, ordered } from "../../../harness/order.js";
import type { Case } from "../../../lib/model/case.js";
import { buildCase, buildParams } from "../../support/build.js";
import { matrix } from "./written.js";

const idsOf = (cases: readonly Case[]): string[] => cases.map(({ id }) => id);
const one = (id: string, count: number, pattern: string): Case =>
  buildCase({ id, params: buildParams({ guests: { count }, movement: { pattern } }) });

describe("the order of cases", () => {
  const cases = [
    one("a", 2, "orderly"),
    one("b", 3, "orderly"),
    one("c", 2, "cross"),
    one("d", 2, "simultaneous"),
    one("e", 3, "simultaneous"),
    one("f", 2, "cross"),
  ];

  it("is that of the file", () => assert.deepEqual(ordered(cases, "file", 1), cases));

  it("can bring equal guests together that start on the same hosts, and is stable otherwise", () =>
    assert.deepEqual(idsOf(ordered(cases, "grouped", 1)), ["a", "d", "b", "e", "c", "f"]));

  it("has each group of the stress matrix in one piece", async () => {
    const all = await matrix({ sizes: true });
    const keys = ordered(all, "grouped", 1).map(guestsKey);
    const changes = keys.filter((key, index) => key !== keys[index - 1]).length;
    assert.equal(changes, new Set(all.map(guestsKey)).size);
    assert.ok(changes < all.map(guestsKey).filter((key, index, list) => key !== list[index - 1]).length);
  });

  it("can be shuffled by the seed, without losing a case", async () => {
    const all = await matrix();
    const first = ordered(all, "shuffled", 7);
    assert.deepEqual(first, ordered(all, "shuffled", 7));
    assert.notDeepEqual(idsOf(first), idsOf(ordered(all, "shuffled", 8)));
    assert.deepEqual(idsOf(first).sort(), idsOf(all).sort());
  });
});
