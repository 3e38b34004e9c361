import assert from "node:assert/strict";
import fc from "fast-check";
import { didYouMean, suggest } from "../../../harness/suggest.js";

const KNOWN = ["autoConverge", "timeout", "timeoutAction", "postcopy", "precopy", "simultaneous_migration"];

describe("suggestions", () => {
  const meant: readonly (readonly [string, string])[] = [
    ["autoconverge", "autoConverge"],
    ["autoConverg", "autoConverge"],
    ["timeuot", "timeout"],
    ["timeoutaction", "timeoutAction"],
    ["post-copy", "postcopy"],
    ["pre_copy", "precopy"],
    ["simultanous_migration", "simultaneous_migration"],
  ];
  for (const [given, word] of meant)
    it(`${given} is taken for ${word}`, () => assert.equal(suggest(given, KNOWN), word));

  for (const given of ["", "x", "copy", "migration", "something quite different", "a".repeat(100_000)])
    it(`nothing is suggested for ${given.slice(0, 30) || "no word"}`, () => {
      assert.equal(suggest(given, KNOWN), undefined);
      assert.equal(didYouMean(given, KNOWN), "");
    });

  it("are worded as a question", () => {
    assert.equal(didYouMean("timeot", KNOWN), ", did you mean timeout?");
    assert.equal(didYouMean("timeot", []), "");
  });

  it("find a word again after any single slip", () => {
    const word = fc.string({ unit: fc.constantFrom(..."abcdefgh"), minLength: 4, maxLength: 20 });
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom("leave out", "add", "change", "swap"), (given, place, slip) => {
        const at = place % (given.length - 1);
        const [head, tail] = [given.slice(0, at), given.slice(at)];
        const slipped = {
          "leave out": head + tail.slice(1),
          add: `${head}x${tail}`,
          change: `${head}x${tail.slice(1)}`,
          swap: head + tail.slice(1, 2) + tail.slice(0, 1) + tail.slice(2),
        }[slip];
        assert.equal(suggest(slipped ?? "", ["zzzzzzzzzz", given]), given);
      }),
    );
  });
});
