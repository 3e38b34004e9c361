import assert from "node:assert/strict";
import fc from "fast-check";
import { chanceOfMissing, enoughRuns } from "../../../../harness/shrink/enough-runs.js";

describe("harness/shrink/enough-runs", () => {
  const table: readonly (readonly [failed: number, runs: number, enough: number])[] = [
    [2, 2, 3],
    [3, 3, 2],
    [5, 5, 2],
    [10, 10, 1],
    [5, 10, 6],
    [1, 5, 31],
  ];
  for (const [failed, runs, enough] of table)
    it(`${failed} failures in ${runs} runs: gone after ${enough} without one`, () =>
      assert.equal(enoughRuns({ failed, runs }, 1_000), enough));

  const seen = fc
    .record({ runs: fc.integer({ min: 1, max: 50 }), failed: fc.integer({ min: 1, max: 50 }) })
    .filter(({ runs, failed }) => failed <= runs);

  it("is the least number that leaves a doubt below 5 %, and never above what is allowed", () => {
    fc.assert(
      fc.property(seen, fc.integer({ min: 1, max: 40 }), (known, most) => {
        const enough = enoughRuns(known, most);
        assert.ok(enough >= 1 && enough <= most);
        assert.ok(enough === most || chanceOfMissing(known, enough) < 0.05);
        assert.ok(enough === 1 || chanceOfMissing(known, enough - 1) >= 0.05);
      }),
    );
  });

  it("agrees with what happens to cases whose rate nobody knows", () => {
    // Of all rates, those that show 3 failures in 3 runs miss two further ones as often as it says.
    const [steps, missed] = [2_000, 2];
    let [weight, sum] = [0, 0];
    for (let step = 0.5; step < steps; step += 1) {
      const rate = step / steps;
      const prior = 1 / Math.sqrt(rate * (1 - rate));
      weight += prior * rate ** 3;
      sum += prior * rate ** 3 * (1 - rate) ** missed;
    }
    assert.ok(Math.abs(sum / weight - chanceOfMissing({ runs: 3, failed: 3 }, missed)) < 0.001);
  });
});
