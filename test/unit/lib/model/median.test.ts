import assert from "node:assert/strict";
import { median } from "../../../../lib/model/median.js";

describe("the median", () => {
  it("is the middle one, or the middle of the two, and of nothing there is none", () =>
    assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3]), median([])], [2, 2.5, undefined]));
});
