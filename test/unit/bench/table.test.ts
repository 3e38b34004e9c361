import assert from "node:assert/strict";
import { against, missedIn } from "../../bench/table.js";

describe("targets of the bench", () => {
  const part = (value: number) => ({
    ...{ title: "legs", head: ["", "ratio", "target"], data: undefined },
    rows: [
      ["one by one", "0.9", against(0.9, 1)],
      ["all at once", String(value), against(value, 1)],
    ],
  });

  it("are met up to the limit", () => assert.deepEqual(missedIn(part(1)), []));

  it("are missed above it, and told with their row", () =>
    assert.deepEqual(missedIn(part(1.01)), ["legs: all at once: target MISSED (<= 1)"]));

  it("are missed by what was not measured", () => assert.equal(missedIn(part(Number.NaN)).length, 1));
});
