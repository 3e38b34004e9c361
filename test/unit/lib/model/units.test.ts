import assert from "node:assert/strict";
import fc from "fast-check";
import { duration, memorySize } from "../../../../lib/model/units.js";

describe("units", () => {
  it("memory is read as mebibytes, durations as milliseconds", () => {
    assert.deepEqual(
      ["0MiB", "512MiB", "4GiB"].map((text) => memorySize.parse(text)),
      [0, 512, 4096],
    );
    assert.deepEqual(
      ["300ms", "20s", "5m", "12h"].map((text) => duration.parse(text)),
      [300, 20_000, 300_000, 43_200_000],
    );
  });

  for (const given of [
    4,
    "4",
    "4gib",
    "4 GiB",
    "-4GiB",
    "4.5GiB",
    "4GB",
    "1e3MiB",
    "9999999999MiB",
    "",
    "4GiB\n",
    null,
  ])
    it(`${JSON.stringify(given)} is not a size of memory, and the message says how to write one`, () => {
      const parsed = memorySize.safeParse(given);
      assert.equal(parsed.success, false);
      assert.match(parsed.error?.message ?? "", /write memory as <number>MiB or <number>GiB/);
    });

  for (const given of [5, "5", "5 s", "5S", "1d", "1.5s", "-1s", "5ss", "1m30s", "", "5s\n", undefined])
    it(`${JSON.stringify(given)} is not a duration, and the message says how to write one`, () => {
      const parsed = duration.safeParse(given);
      assert.equal(parsed.success, false);
      assert.match(parsed.error?.message ?? "", /write a duration as <number>ms, <number>s, <number>m or <number>h/);
    });

  for (const [most, more] of [
    ["596h", "597h"],
    ["2147483s", "2147484s"],
  ] as const)
    it(`${more} is longer than any timer, and the message says what is not`, () => {
      assert.ok(duration.parse(most) <= 2 ** 31 - 1);
      assert.match(duration.safeParse(more).error?.message ?? "", /596h, nearly 25 days, at most/);
    });

  it("every whole number of up to nine digits is read exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (number) => {
        assert.equal(memorySize.parse(`${number}GiB`), number * 1024);
        assert.equal(duration.parse(`${number}ms`), number);
      }),
    );
  });
});
