import assert from "node:assert/strict";
import fc from "fast-check";
import { classRate } from "../../../../lib/model/class-rates.js";
import { classGain, gainBetween, hasBorrowed, meanMbps } from "../../../../lib/model/class-series.js";
import { cpuPerGiB, daemonsPerGiB } from "../../../../lib/model/cpu-series.js";
import { addPoint } from "../../../../lib/model/points.js";
import { classes } from "../../../../lib/model/probe-params.js";

describe("a bounded series", () => {
  it("keeps its first and its newest point and its order, whatever the times are", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 300 }), (gaps) => {
        let ms = 0;
        let points: (readonly [number, number])[] = [];
        for (const gap of gaps) {
          ms += gap;
          points = addPoint(points, [ms, ms * 2] as const, 20);
        }
        assert.ok(points.length <= 20);
        assert.deepEqual([points[0]?.[0], points.at(-1)], [gaps[0], [ms, ms * 2]]);
        assert.ok(points.every(([at], index) => index === 0 || at > (points[index - 1]?.[0] ?? at)));
      }),
    ));
  it("loses nothing as long as there is room", () => {
    let points: (readonly [number])[] = [];
    for (let ms = 0; ms < 20; ms += 1) points = addPoint(points, [ms] as const, 20);
    assert.equal(points.length, 20);
  });
});

describe("CPU per GiB", () => {
  const gain = (daemonsS: number) => ({ host: "h1", wallS: 1, busyS: 1, daemonsS, guestsS: {} });
  it("is CPU seconds by what was moved", () => assert.equal(cpuPerGiB(0.5, 2 ** 29), 1));
  it("is unknown when nothing was moved", () => assert.equal(cpuPerGiB(0.5, 0), undefined));
  it("adds up both hosts, and is unknown when one is missing", () => {
    assert.equal(daemonsPerGiB([gain(1), gain(2)], 2 ** 30), 3);
    assert.equal(daemonsPerGiB([gain(1), undefined], 2 ** 30), undefined);
    assert.equal(daemonsPerGiB([], 2 ** 30), undefined);
  });
});

describe("rates of classes", () => {
  it("are half, a quarter and a quarter of the link, and all of it may be borrowed", () => {
    const plain = classes.parse({});
    const rates = (["management", "storage", "migration"] as const).map((kind) => classRate(plain, kind));
    assert.deepEqual(rates, [
      { id: "1:10", rateKbps: 500_000, ceilKbps: 1_000_000 },
      { id: "1:20", rateKbps: 250_000, ceilKbps: 1_000_000 },
      { id: "1:30", rateKbps: 250_000, ceilKbps: 1_000_000 },
    ]);
  });
  it("are what the scenario says, and whole for the smallest link", () => {
    const own = classes.parse({ link: 1, migration: { rate: 10, ceil: 20 } });
    assert.deepEqual(classRate(own, "migration"), { id: "1:30", rateKbps: 10_000, ceilKbps: 20_000 });
    assert.deepEqual(classRate(own, "storage"), { id: "1:20", rateKbps: 250, ceilKbps: 1_000 });
  });
});

describe("what a class gained", () => {
  const at = (bytes: number, borrowed = 0) => ({ bytes, packets: bytes / 100, dropped: 0, lended: 1, borrowed });
  const points = [
    [1_000, 100, 1, 0, 1, 0, 0],
    [2_000, 1_000_100, 11, 0, 5, 0, 0],
    [3_000, 3_000_100, 31, 2, 9, 7, null],
  ] as const;

  it("is the difference, with its mean rate", () => {
    const gain = classGain(at(1_000), at(126_000, 3), 1_000);
    assert.deepEqual(gain, { ms: 1_000, bytes: 125_000, packets: 1_250, dropped: 0, lended: 0, borrowed: 3 });
    assert.equal(meanMbps(gain!), 1);
    assert.equal(hasBorrowed(gain!), true);
    assert.equal(meanMbps({ bytes: 1, ms: 0 }), undefined);
  });
  it("is unknown when the class was made anew", () => assert.equal(classGain(at(200), at(100), 10), undefined));
  it("is taken from the points around two moments", () => {
    assert.deepEqual(gainBetween({ points }, 1_500, 2_500), {
      ms: 2_000,
      bytes: 3_000_000,
      packets: 30,
      dropped: 2,
      lended: 8,
      borrowed: 7,
    });
    assert.equal(hasBorrowed(gainBetween({ points }, 1_000, 2_000)!), false);
  });
  it("is unknown beyond the series", () => {
    assert.equal(gainBetween({ points }, 900, 2_000), undefined);
    assert.equal(gainBetween({ points }, 1_000, 3_001), undefined);
  });
});
