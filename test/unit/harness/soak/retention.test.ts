import assert from "node:assert/strict";
import fc from "fast-check";
import { RETENTION, retained } from "../../../../harness/soak/retention.js";
import type { PassSummary } from "../../../../lib/model/soak.js";
import { buildPass } from "../../../support/build.js";

const limits = { wholeOk: 2, wholeOkBytes: 100, reduced: 3, wholeNotOk: 2, wholeNotOkBytes: 100 };
function run(outcomes: readonly Partial<PassSummary>[]): string {
  let passes: PassSummary[] = [];
  for (const [index, over] of outcomes.entries())
    passes = retained([...passes, buildPass({ pass: index + 1, bytes: 10, ...over })], limits);
  return passes.map(({ kept }) => ({ whole: "W", reduced: "r", gone: "-" })[kept]).join("");
}
const [ok, bad] = [{}, { exitCode: 1 }];

describe("what a soak keeps of its passes", () => {
  const table: [name: string, outcomes: Partial<PassSummary>[], kept: string][] = [
    ["everything, of few", [ok, bad], "WW"],
    ["the latest that were OK; results of those before; a line of the oldest", Array(7).fill(ok), "--rrrWW"],
    ["the first that were not OK", [bad, bad, bad, bad], "WWrr"],
    ["both kinds beside each other", [ok, bad, ok, bad, ok, bad, ok], "rWrWWrW"],
    [
      "not more than so many bytes of those that were not OK",
      [{ ...bad, bytes: 90 }, { ...bad, bytes: 20 }, bad],
      "WrW",
    ],
    [
      "not more than so many bytes of those that were OK: the oldest go",
      [ok, { bytes: 40 }, { bytes: 60 }, { bytes: 41 }],
      "rrrW",
    ],
    ["none that was OK and is too large by itself, nor what came before it", [ok, { bytes: 101 }], "rr"],
    ["what is small again after it", [{ bytes: 101 }, ok, ok], "rWW"],
    ["each kind within its own limit", [{ bytes: 100 }, { ...bad, bytes: 100 }], "WW"],
    ["always what puts a host back", [bad, bad, { exitCode: 2, isDirty: true }], "WWW"],
  ];
  for (const [name, outcomes, kept] of table) it(name, () => assert.equal(run(outcomes), kept));

  it("is within both limits of those that were OK after every pass, and the latest of them", () =>
    fc.assert(
      fc.property(fc.array(fc.record({ bytes: fc.nat(150), exitCode: fc.constantFrom(0, 0, 1) })), (outcomes) => {
        let passes: PassSummary[] = [];
        for (const over of outcomes) {
          passes = retained([...passes, buildPass({ pass: passes.length + 1, ...over })], limits);
          const ok = passes.filter(({ exitCode }) => exitCode === 0);
          const whole = ok.filter(({ kept }) => kept === "whole");
          assert.ok(whole.length <= limits.wholeOk);
          assert.ok(whole.reduce((sum, { bytes }) => sum + bytes, 0) <= limits.wholeOkBytes);
          assert.deepEqual(whole, whole.length === 0 ? [] : ok.slice(-whole.length));
        }
      }),
    ));

  it("is never more than the limits say, and never less of what was given up", () => {
    let passes: PassSummary[] = [];
    for (let pass = 1; pass <= 1_300; pass += 1) {
      const before = passes;
      passes = retained([...passes, buildPass({ pass, exitCode: pass % 5 === 0 ? 1 : 0, bytes: 1 })], RETENTION);
      assert.ok(before.every(({ kept }, index) => kept === "whole" || passes[index]?.kept !== "whole"));
    }
    const count = (kept: PassSummary["kept"]) => passes.filter((pass) => pass.kept === kept).length;
    assert.deepEqual([count("whole"), count("reduced"), count("gone")], [60, 1_000, 240]);
  });
});
