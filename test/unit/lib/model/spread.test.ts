import assert from "node:assert/strict";
import { spreadOf } from "../../../../lib/model/spread.js";

describe("the spread of values", () => {
  it("has the median and the quartiles, between two neighbours in proportion", () => {
    assert.deepEqual(spreadOf([4, 1, 3, 2]), { count: 4, lower: 1.75, median: 2.5, upper: 3.25 });
    assert.deepEqual(spreadOf([7]), { count: 1, lower: 7, median: 7, upper: 7 });
  });

  it("is nothing of nothing", () => assert.equal(spreadOf([]), undefined));
});
