import assert from "node:assert/strict";
import { pairsOf, pairwise } from "../../../harness/pairwise.js";
import { select } from "../../../harness/select.js";
import type { Case } from "../../../lib/model/case.js";
import { buildCase } from "../../support/build.js";
import { matrix } from "./written.js";

/** Every two variants that stand together in any case, found without the code under test. */
function pairsByForce(cases: readonly Case[]): Set<string> {
  const found = new Set<string>();
  for (const { variants } of cases) for (const a of variants) for (const b of variants) found.add(`${a} with ${b}`);
  return found;
}

describe("a pairwise sample", () => {
  let cases: Case[];
  before(async () => {
    cases = await matrix();
  });

  for (const seed of [0, 1, 2, 42, 4_294_967_295])
    it(`of the 328 cases has every pair that can occur, in 20 to 60 cases (seed ${seed})`, () => {
      const sample = pairwise(cases, seed);
      assert.deepEqual(pairsByForce(sample), pairsByForce(cases));
      assert.ok(sample.length >= 20 && sample.length <= 60, `${sample.length} cases`);
      assert.equal(new Set(sample).size, sample.length);
    });

  it("covers the matrix with its sizes too", async () => {
    const sized = await matrix({ sizes: true });
    assert.deepEqual(pairsByForce(pairwise(sized, 1)), pairsByForce(sized));
  });

  it("is the same for the same seed, and keeps the order of the cases", () => {
    const [once, again] = [7, 7].map((seed) => select(cases, { sample: "pairwise", seed }));
    assert.deepEqual(once, again);
    assert.deepEqual(
      once,
      cases.filter((one) => once?.includes(one)),
    );
  });

  it("covers what is left after other filters", () => {
    const kept = cases.filter(({ variants }) => variants.includes("postcopy"));
    assert.deepEqual(
      pairsByForce(select(cases, { only: ["postcopy"], sample: "pairwise", seed: 3 })),
      pairsByForce(kept),
    );
  });

  it("has every variant of a single axis, and the one case of a scenario without axes", () => {
    const single = ["a", "b", "c"].map((name) => buildCase({ id: `s.${name}`, scenario: "s", variants: [name] }));
    assert.equal(pairwise(single, 1).length, 3);
    assert.equal(pairwise([buildCase({ variants: [] })], 1).length, 1);
    assert.deepEqual(pairwise([], 1), []);
  });

  it("knows variants of the same name in two axes apart", () => {
    const places = [0, 1].flatMap((a) => [0, 1].flatMap((b) => [0, 1].map((c) => [a, b, c])));
    const switches = places.map((place) => place.map((value) => (value === 1 ? "on" : "off")));
    const sample = pairwise(
      switches.map((variants) => buildCase({ id: `s.${variants.join(".")}`, scenario: "s", variants })),
      5,
    );
    const pairs = ({ variants: [a, b, c] }: Case): string[] => [`${a} ${b} *`, `${a} * ${c}`, `* ${b} ${c}`];
    assert.equal(new Set(sample.flatMap(pairs)).size, 12);
    assert.ok(sample.length < 8, `${sample.length} of 8 cases`);
  });

  it("does not mix the words of two scenarios", () => {
    const of = (scenario: string) => buildCase({ id: `${scenario}.a.b`, scenario, variants: ["a", "b"] });
    assert.equal(pairwise([of("one"), of("two")], 1).length, 2);
    assert.equal(pairsOf(of("one")).filter((pair) => pairsOf(of("two")).includes(pair)).length, 0);
  });
});
