import assert from "node:assert/strict";
import fc from "fast-check";
import { axesOf } from "../../../reports/axes.js";

const product = (axes: readonly (readonly string[])[]): string[][] =>
  axes.reduce<string[][]>((cases, axis) => cases.flatMap((one) => axis.map((word) => [...one, word])), [[]]);

describe("axes of cases", () => {
  it("are found again from the variants of every combination", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), (sizes) => {
        const axes = sizes.map((size, axis) => Array.from({ length: size }, (_, word) => `w${axis}-${word}`));
        const cases = product(axes);
        const found = axesOf(cases);
        assert.deepEqual(found.axes, axes);
        assert.deepEqual(
          cases.map((_, index) => found.places[index]?.map((place, axis) => axes[axis]?.[place ?? -1])),
          cases,
        );
      }),
    ));

  it("put a variant beside those in whose company it is seen, where axes are nested", () => {
    const cases = [
      ["idle", "orderly"],
      ["idle", "cross"],
      ["stressed", "in_guests", "orderly"],
      ["stressed", "on_source", "orderly"],
    ];
    const { axes, places } = axesOf(cases);
    assert.deepEqual(axes, [
      ["idle", "stressed"],
      ["in_guests", "on_source"],
      ["orderly", "cross"],
    ]);
    assert.deepEqual(places[1], [0, undefined, 1]);
    assert.deepEqual(places[3], [1, 1, 0]);
  });

  it("may have one word twice", () => {
    const { axes, places } = axesOf(
      product([
        ["none", "much"],
        ["none", "some"],
      ]),
    );
    assert.equal(new Set(places.map((place) => place.join())).size, 4);
    assert.ok(axes.flat().every((word) => ["none", "much", "some"].includes(word)));
  });

  it("never put two words of one case on one axis, whatever the words", () =>
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 5 }), { maxLength: 12 }),
        (cases) => {
          const { axes, places } = axesOf(cases);
          assert.equal(places.length, cases.length);
          for (const [index, place] of places.entries()) {
            assert.equal(place.length, axes.length);
            assert.equal(place.filter((one) => one !== undefined).length, cases[index]?.length, JSON.stringify(cases));
          }
        },
      ),
    ));

  it("of nothing are none", () => assert.deepEqual(axesOf([]), { axes: [], places: [] }));
});
