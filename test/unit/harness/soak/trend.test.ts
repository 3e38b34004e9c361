import assert from "node:assert/strict";
import { randomFrom } from "../../../../harness/random.js";
import { chanceOfRise, type Point, slope, trendOf } from "../../../../harness/soak/trend.js";

/** One value a pass, two minutes apart. */
const points = (values: readonly number[]): Point[] =>
  values.map((value, index) => ({ pass: index + 1, hours: (index + 1) / 30, value }));
const times = (count: number, value: (pass: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => value(index + 1));
const wordOf = (values: readonly number[], unit: "KiB" | "count"): string => trendOf(points(values), unit).word;
const MIB = 1024;

describe("a figure that is watched", () => {
  it("is named when it grows: memory with noise, a megabyte a pass", () => {
    const random = randomFrom(1);
    const grown = times(16, (pass) => 30 * MIB + pass * MIB + (random() - 0.5) * 800);
    const { word, passes, perPass = 0, perHour = 0, chance = 1 } = trendOf(points(grown), "KiB");
    assert.equal(word, "grows");
    assert.equal(passes, 8, "the first half is warm-up");
    assert.ok(Math.abs(perPass - MIB) < 200 && Math.abs(perHour - 30 * MIB) < 200 * 30, `${perPass} ${perHour}`);
    assert.ok(chance < 0.01);
  });

  it("is not named when it only jitters", () => {
    const random = randomFrom(2);
    assert.equal(
      wordOf(
        times(40, () => 30 * MIB + random() * 4 * MIB),
        "KiB",
      ),
      "steady",
    );
  });

  const steady: [name: string, values: number[], unit: "KiB" | "count"][] = [
    ["stays", times(20, () => 27), "count"],
    ["falls", times(20, (pass) => 90 - pass), "count"],
    ["went up by one once", times(40, (pass) => (pass < 20 ? 27 : 28)), "count"],
    ["went up by ten once and stays", times(40, (pass) => (pass < 20 ? 27 : 37)), "count"],
    ["warms up and stays", times(40, (pass) => 30 * MIB + 20 * MIB * (1 - Math.exp(-pass / 4))), "KiB"],
    ["grows by a page a pass", times(20, (pass) => 30 * MIB + pass * 4), "KiB"],
    ["is up and down in turn", times(40, (pass) => (pass % 2) * 100), "count"],
  ];
  for (const [name, values, unit] of steady)
    it(`is steady when it ${name}`, () => assert.equal(wordOf(values, unit), "steady"));

  const grows: [name: string, values: number[], unit: "KiB" | "count"][] = [
    ["one file a pass, of six", times(6, (pass) => 27 + pass), "count"],
    ["one socket every fourth pass", times(40, (pass) => 4 + Math.floor(pass / 4)), "count"],
    ["a sawtooth that climbs", times(40, (pass) => pass * 200 + (pass % 5) * 300), "KiB"],
    ["slowly, for a long time", times(300, (pass) => 30 * MIB + pass * 30), "KiB"],
  ];
  for (const [name, values, unit] of grows) it(`grows: ${name}`, () => assert.equal(wordOf(values, unit), "grows"));

  it("cannot be told with fewer than six passes, memory with fewer than twelve, but has its slope", () => {
    const { word, perPass, chance } = trendOf(points([1, 2, 3, 4, 5]), "count");
    assert.deepEqual([word, perPass, chance], ["too-few", 1, undefined]);
    assert.deepEqual(trendOf(points([1]), "count"), { word: "too-few", passes: 1 });
    assert.equal(
      wordOf(
        times(11, (pass) => pass * 10 * MIB),
        "KiB",
      ),
      "too-few",
    );
    assert.equal(
      wordOf(
        times(12, (pass) => pass * 10 * MIB),
        "KiB",
      ),
      "grows",
    );
    assert.deepEqual(trendOf([], "count"), { word: "too-few", passes: 0 });
  });

  it("is named by chance in fewer than one of a hundred soaks", () => {
    const random = randomFrom(3);
    let named = 0;
    for (let soak = 0; soak < 1000; soak += 1)
      if (
        wordOf(
          times(8 + (soak % 30), () => random() * 1e5),
          "KiB",
        ) === "grows"
      )
        named += 1;
    assert.ok(named < 10, `${named} of 1000`);
  });

  it("is seldom named when each value takes after the one before, as memory does", () => {
    const random = randomFrom(5);
    let named = 0;
    for (let soak = 0; soak < 1000; soak += 1) {
      let drift = 0;
      const values = times(10 + (soak % 30), () => {
        drift = 0.6 * drift + (random() - 0.5) * 4 * MIB;
        return 90 * MIB + drift;
      });
      if (wordOf(values, "KiB") === "grows") named += 1;
    }
    assert.ok(named < 30, `${named} of 1000`);
  });

  it("is steady where a real runner was: its memory settled after a dip", () => {
    const runner = [91856, 90452, 95828, 104420, 105052, 105604, 90660, 92872, 95376, 94476, 94276, 97340, 95576];
    const later = [96144, 95680, 96116, 96756, 95092, 94616, 96460, 97332, 96924, 96728, 97488];
    assert.equal(wordOf([...runner, ...later], "KiB"), "steady");
  });

  it("is steady where a real runner was: its heap settled while its programs were compiled", () => {
    const heap = [22297, 22942, 23332, 23556, 23855, 24053, 24197, 24348, 24571, 24682, 24812, 24918];
    const later = [24963, 25076, 25114, 25217, 25235, 25431, 25369, 25400, 25404, 25472, 25497, 25495];
    for (let passes = 0; passes <= later.length; passes += 1)
      assert.equal(wordOf([...heap, ...later.slice(0, passes)], "KiB"), "steady", `${12 + passes} passes`);
  });

  it("is found through noise of its own rise a pass in nearly all soaks", () => {
    const random = randomFrom(4);
    let found = 0;
    for (let soak = 0; soak < 200; soak += 1)
      if (
        wordOf(
          times(30, (pass) => 30 * MIB + 500 * (pass + 4 * (random() - 0.5))),
          "KiB",
        ) === "grows"
      )
        found += 1;
    assert.ok(found > 190, `${found} of 200`);
  });
});

describe("the chance of a rise", () => {
  it("is that of the tables of Mann-Kendall, on the careful side", () => {
    // n = 6, S = 15: exactly 1/720; by the approximation with its correction 0.0043.
    assert.ok(Math.abs(chanceOfRise([1, 2, 3, 4, 5, 6]) - 0.00427) < 0.0001);
    assert.ok(chanceOfRise([6, 5, 4, 3, 2, 1]) > 0.99);
    assert.equal(chanceOfRise([5, 5, 5, 5, 5, 5]), 1);
    assert.ok(Math.abs(chanceOfRise([1, 3, 2, 4]) - 0.1539) < 0.01);
  });
});

describe("the slope", () => {
  it("is that of least squares", () => {
    assert.equal(
      slope([
        [1, 1],
        [2, 3],
        [3, 2],
      ]),
      0.5,
    );
    assert.equal(slope([[1, 1]]), undefined);
    assert.equal(slope([]), undefined);
  });
});
