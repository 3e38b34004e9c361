import assert from "node:assert/strict";
import { guestsKey } from "../../../harness/order.js";
import { chosenCases } from "../../bench/matrix.js";

describe("cases of the bench's part matrix", () => {
  it("are in the stress matrix, in every pattern and both modes, and those of a herd want the same guests", async () => {
    const herds = await chosenCases();
    for (const herd of herds) assert.equal(new Set(herd.map(guestsKey)).size, 1);
    const variants = new Set(herds.flat().flatMap((one) => one.variants));
    for (const name of ["precopy", "postcopy", "orderly_migration", "simultaneous_migration", "cross_migration"])
      assert.ok(variants.has(name), name);
  });
});
