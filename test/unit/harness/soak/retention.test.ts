import assert from "node:assert/strict";
import { RETENTION, retained } from "../../../../harness/soak/retention.js";
import type { PassSummary } from "../../../../lib/model/soak.js";
import { buildPass } from "../../../support/build.js";

const limits = { wholeOk: 2, reduced: 3, wholeNotOk: 2, wholeNotOkBytes: 100 };
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
    ["always what puts a host back", [bad, bad, { exitCode: 2, isDirty: true }], "WWW"],
  ];
  for (const [name, outcomes, kept] of table) it(name, () => assert.equal(run(outcomes), kept));

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
