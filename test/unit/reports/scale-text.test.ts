import assert from "node:assert/strict";
import { scaleTexts } from "../../../reports/scale-text.js";
import { buildProfile } from "../../support/build.js";

describe("what a profile does, in words", () => {
  const RULES: readonly (readonly [when: object, text: string])[] = [
    [{ variants: "postcopy" }, "with postcopy"],
    [{ variants: ["a", "b"], tags: "t" }, "with a or b and t"],
    [{ variants: "a", without: ["c", "d"] }, "with a and not c or d"],
    [{ without: "c" }, "with not c"],
  ];
  for (const [when, text] of RULES)
    it(`says of a rule for whom it is: ${text}`, () =>
      assert.deepEqual(
        scaleTexts(buildProfile({ scale: {}, rules: [{ when, choose: { "migration.mode": "postcopy" } }] })),
        [`${text}, migration.mode: postcopy`],
      ));

  it("names each change in the order in which it is made", () =>
    assert.deepEqual(
      scaleTexts(
        buildProfile({ scale: { "guests.memory": { set: "1GiB", times: 0.5, atLeast: "1MiB", atMost: "2GiB" } } }),
      ),
      ["guests.memory: 1GiB, × 0.5, at least 1MiB, at most 2GiB"],
    ));
});
