import assert from "node:assert/strict";
import { randomFrom } from "../../../../harness/random.js";
import {
  believed,
  canTellApart,
  canTellPairs,
  rankSumTest,
  signedRankTest,
} from "../../../../reports/compare/statistics.js";

const about = (value: number, expected: number, slack = 1e-6): void =>
  assert.ok(Math.abs(value - expected) <= slack, `${value}, not ${expected}`);
const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => index + from);

describe("the rank-sum test", () => {
  it("is exact for few: all of one above all of the other is one way of 70, twice", () => {
    const { chance, effect } = rankSumTest([1, 2, 3, 4], [5, 6, 7, 8]);
    about(chance, 2 / 70);
    assert.equal(effect, 1);
    assert.equal(rankSumTest([5, 6, 7, 8], [1, 2, 3, 4]).effect, -1);
  });

  it("finds nothing in equal sets, also when all values are one", () => {
    assert.deepEqual(rankSumTest([1, 2, 3, 4], [1, 2, 3, 4]), { chance: 1, effect: 0 });
    assert.deepEqual(rankSumTest([7, 7, 7, 7], [7, 7, 7, 7]), { chance: 1, effect: 0 });
    assert.deepEqual(rankSumTest(new Array(40).fill(7), new Array(40).fill(7)), { chance: 1, effect: 0 });
  });

  it("counts every way to deal out the ranks, ties included", () => {
    const [before, after] = [
      [3, 1, 4, 1],
      [5, 9, 2, 6, 5],
    ];
    about(rankSumTest(before, after).chance, dealt(before, after));
    about(rankSumTest([1, 1, 2], [2, 2, 3, 3]).chance, dealt([1, 1, 2], [2, 2, 3, 3]));
  });

  it("approximates well where it no longer counts", () => {
    const [before, after] = [upTo(15), upTo(15, 5)];
    const exact = rankSumTest(before, after).chance;
    const more = rankSumTest([...before, 8], [...after, 12]).chance;
    assert.ok(Math.abs(exact - more) < 0.03, `${exact} and ${more}`);
  });

  it("names no more by chance than it says", () => {
    for (const size of [4, 6, 25]) {
      const random = randomFrom(size);
      const draw = (): number[] => upTo(size).map(() => Math.floor(random() * 40));
      const found = upTo(2_000).filter(() => rankSumTest(draw(), draw()).chance <= 0.05).length;
      assert.ok(found <= 2_000 * 0.065, `${found} of 2000 with ${size} values`);
      assert.ok(size === 4 || found >= 2_000 * 0.025, `${found} of 2000 with ${size} values`);
    }
  });
});

describe("the signed-rank test", () => {
  it("is exact for few: six of six to one side is one way of 64, twice", () => {
    const { chance, effect } = signedRankTest([1, 2, 3, 4, 5, 6]);
    about(chance, 2 / 64);
    assert.equal(effect, 1);
    assert.equal(signedRankTest([-1, -2, -3, -4, -5, -6]).effect, -1);
  });

  it("finds nothing where nothing or as much either way moved", () => {
    assert.deepEqual(signedRankTest([0, 0, 0, 0, 0, 0]), { chance: 1, effect: 0 });
    assert.deepEqual(signedRankTest([1, -1, 2, -2, 3, -3]), { chance: 1, effect: 0 });
  });

  it("tells a small shift of many", () => {
    const shifted = upTo(200).map((value) => (value % 7) - 2);
    assert.ok(signedRankTest(shifted).chance < 0.001);
    assert.ok(signedRankTest(upTo(200).map((value) => (value % 7) - 3)).chance > 0.5);
  });
});

describe("too few to tell", () => {
  it("is what no outcome could make clear", () => {
    assert.deepEqual(
      [canTellApart(4, 4), canTellApart(3, 5), canTellApart(3, 3), canTellApart(1, 30)],
      [true, true, false, false],
    );
    assert.equal(canTellApart(0, 50), false);
    assert.deepEqual([canTellPairs(6), canTellPairs(5), canTellPairs(0)], [true, false, false]);
  });
});

describe("many tests", () => {
  it("are believed as Benjamini and Hochberg reckoned", () => {
    const chances = [0.01, 0.04, 0.03, 0.005, 0.9];
    assert.deepEqual(believed(chances), [true, true, true, true, false]);
    assert.deepEqual(believed([0.04, 0.9, 0.9, 0.9]), [false, false, false, false]);
    assert.deepEqual(believed([]), []);
  });
});

/** By trying every way to choose which values are the newer ones. */
function dealt(before: readonly number[], after: readonly number[]): number {
  const all = [...before, ...after];
  const rank = (value: number): number =>
    all.filter((other) => other < value).length + (all.filter((other) => other === value).length + 1) / 2;
  const ranks = all.map(rank);
  const mean = (after.length * (all.length + 1)) / 2;
  const own = after.reduce((sum, value) => sum + rank(value), 0);
  let [ways, beyond] = [0, 0];
  for (let mask = 0; mask < 2 ** all.length; mask += 1) {
    const chosen = ranks.filter((_, index) => (mask >> index) & 1);
    if (chosen.length !== after.length) continue;
    ways += 1;
    const sum = chosen.reduce((total, value) => total + value, 0);
    if (Math.abs(sum - mean) >= Math.abs(own - mean) - 1e-9) beyond += 1;
  }
  return beyond / ways;
}
