import assert from "node:assert/strict";
import fc from "fast-check";
import { matches, type Selection, select } from "../../../harness/select.js";
import type { HarnessError } from "../../../lib/errors.js";
import type { Case } from "../../../lib/model/case.js";
import { buildCase } from "../../support/build.js";
import { cpuMs } from "../../support/cpu.js";
import { matrix } from "./written.js";

const make = (scenario: string, variants: string[], over: Partial<Case> = {}): Case =>
  buildCase({ id: [scenario, ...variants].join("."), scenario, variants, ...over });

const CASES: readonly Case[] = [
  make("s1", ["precopy", "orderly"], { tags: ["quick"], testIds: ["4.0"] }),
  make("s1", ["precopy", "cross"], { testIds: ["4.1", "4.1.b"] }),
  make("s1", ["postcopy", "orderly"], { tags: ["quick", "nightly"] }),
  make("s1", ["postcopy", "cross"]),
  make("s2", ["precopy", "orderly"], { tags: ["nightly"] }),
];
const chosen = (selection: Partial<Selection>, cases = CASES): string[] =>
  select(cases, { seed: 1, ...selection }).map(({ id }) => id);

describe("select", () => {
  const table: [name: string, selection: Partial<Selection>, expected: string[]][] = [
    ["nothing asked: everything, in order", {}, CASES.map(({ id }) => id)],
    ["words of one --only must all be there", { only: ["postcopy cross"] }, ["s1.postcopy.cross"]],
    ["the order of words does not matter", { only: ["cross postcopy"] }, ["s1.postcopy.cross"]],
    ["a comma means or", { only: ["postcopy,precopy cross"] }, ["s1.precopy.cross", "s1.postcopy.cross"]],
    ["a repeated --only means and", { only: ["postcopy", "cross"] }, ["s1.postcopy.cross"]],
    ["the scenario's name is a word", { only: ["s2"] }, ["s2.precopy.orderly"]],
    ["--no drops what has the word", { no: ["precopy"] }, ["s1.postcopy.orderly", "s1.postcopy.cross"]],
    [
      "--no drops only what has all its words",
      { no: ["precopy orderly"] },
      ["s1.precopy.cross", "s1.postcopy.orderly", "s1.postcopy.cross"],
    ],
    ["a repeated --no drops what either has", { no: ["precopy", "cross"] }, ["s1.postcopy.orderly"]],
    ["--tag", { tag: ["quick"] }, ["s1.precopy.orderly", "s1.postcopy.orderly"]],
    [
      "a repeated --tag means or",
      { tag: ["quick", "nightly"] },
      ["s1.precopy.orderly", "s1.postcopy.orderly", "s2.precopy.orderly"],
    ],
    ["--id of a case", { id: ["s1.precopy.cross"] }, ["s1.precopy.cross"]],
    ["--id of a test of the source document", { id: ["4.1"] }, ["s1.precopy.cross"]],
    ["--id with a star", { id: ["*.orderly"] }, ["s1.precopy.orderly", "s1.postcopy.orderly", "s2.precopy.orderly"]],
    ["a star in test ids", { id: ["4.*"] }, ["s1.precopy.orderly", "s1.precopy.cross"]],
    ["all together", { only: ["s1"], no: ["cross"], tag: ["quick"], id: ["*post*"] }, ["s1.postcopy.orderly"]],
  ];
  for (const [name, selection, expected] of table) it(name, () => assert.deepEqual(chosen(selection), expected));

  const refused: [name: string, selection: Partial<Selection>, expected: RegExp][] = [
    ["a word that no case has", { only: ["postcpoy"] }, /no case has the variant postcpoy, did you mean postcopy\?/],
    ["a part of a word", { only: ["post"] }, /no case has the variant post/],
    ["such a word after a comma", { only: ["precopy,nonsense"] }, /no case has the variant nonsense/],
    ["such a word to drop", { no: ["crosss"] }, /did you mean cross\?/],
    ["a tag that no case has", { tag: ["nihgtly"] }, /no case has the tag nihgtly, did you mean nightly\?/],
    ["a tag that is like none", { tag: ["weekend"] }, /no case has the tag weekend; there are .*nightly/],
    ["an id that no case has", { id: ["s1.precopy.crosss"] }, /did you mean s1\.precopy\.cross\?/],
    ["an empty filter", { only: ["  "] }, /an empty filter says nothing/],
    ["a filter of commas", { only: [",,"] }, /an empty filter says nothing/],
  ];
  for (const [name, selection, expected] of refused)
    it(`refuses ${name}`, () => {
      assert.throws(
        () => chosen(selection),
        (error: HarnessError) => error.code === "bad-input" && expected.test(error.message),
      );
    });

  it("lets no control character of a filter through", () => {
    assert.throws(
      () => chosen({ only: ["\u001b[31mred"] }),
      (error: HarnessError) => !error.message.includes("\u001b"),
    );
  });
});

describe("select among the stress matrix", () => {
  let cases: Case[];
  before(async () => {
    cases = await matrix({ sizes: true });
  });

  // By hand: 2 tools x (1 in the guests + 2 x 3 x 2 on hosts) = 26 ways to stress of one kind; 52 of both, and two of
  // booting with every pattern, a third with simultaneous, one compressed, make 328 for each of four sizings in two modes.
  const perKind = 2 * (1 + 2 * 3 * 2);
  const perMode = 3 * (2 * perKind + 2) + 1 + 1;
  const table: [selection: Partial<Selection>, expected: number, byHand: number][] = [
    [{ only: ["simultaneous_migration memory_stress postcopy"] }, 104, 4 * perKind],
    [{ only: ["simultaneous_migration"], no: ["cpu_stress", "precopy"] }, 116, 4 * (perKind + 3)],
    [{ no: ["set_memory_2"] }, 984, 3 * 2 * perMode],
    [{ only: ["set_memory_1"] }, 328, 2 * perMode],
    [{ only: ["set_vcpu_1,set_vcpu_2 precopy"] }, 328, 2 * perMode],
    [{ no: ["short_of_memory,half_memory"] }, 160, 4 * 2 * (3 * (2 * 2 + 2) + 1 + 1)],
    [{ only: ["compressed_migration"] }, 8, 4 * 2],
  ];
  for (const [selection, expected, byHand] of table)
    it(`${JSON.stringify(selection)} leaves ${expected} cases`, () => {
      const left = select(cases, { seed: 1, ...selection });
      assert.deepEqual([left.length, byHand], [expected, expected]);
      for (const { id, variants } of left) {
        const words = (text: string): boolean =>
          text.split(" ").every((group) => group.split(",").some((word) => variants.includes(word)));
        assert.ok((selection.only ?? []).every(words) && !(selection.no ?? []).some(words), id);
      }
    });
});

describe("globs", () => {
  it("agree with regular expressions", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 8 });
    fc.assert(
      fc.property(letters, letters, (text, glob) => {
        const source = glob
          .split("*")
          .map((part) => part.replaceAll(".", "\\."))
          .join(".*");
        assert.equal(
          matches(text.replaceAll("*", "c"), glob),
          new RegExp(`^${source}$`).test(text.replaceAll("*", "c")),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("stay quick with many stars", async () => {
    const spentMs = await cpuMs(() => assert.equal(matches("a".repeat(200), `${"*a".repeat(100)}*b`), false));
    assert.ok(spentMs < 100);
  });
});

describe("shards", () => {
  const many = Array.from({ length: 200 }, (_, n) => make("m", [`v${n}`]));

  it("share the cases out: each is in exactly one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (count) => {
        const parts = Array.from({ length: count }, (_, n) => chosen({ shard: { index: n + 1, count } }, many));
        assert.deepEqual(parts.flat().sort(), many.map(({ id }) => id).sort());
      }),
    );
  });

  it("keep a case in its part whatever else is there", () => {
    const whole = chosen({ shard: { index: 2, count: 3 } }, many);
    const part = chosen({ shard: { index: 2, count: 3 } }, many.slice(50));
    assert.deepEqual(
      part,
      whole.filter((id) => part.includes(id)),
    );
    assert.ok(part.length > 0);
  });
});

describe("samples", () => {
  const many = Array.from({ length: 200 }, (_, n) => make("m", [`v${n}`]));

  it("take as many as asked, in order, the same ones for the same seed", () => {
    const sample = chosen({ sample: 10, seed: 7 }, many);
    assert.equal(sample.length, 10);
    assert.deepEqual(sample, chosen({ sample: 10, seed: 7 }, many));
    assert.deepEqual(
      sample,
      many.map(({ id }) => id).filter((id) => sample.includes(id)),
    );
    assert.notDeepEqual(sample, chosen({ sample: 10, seed: 8 }, many));
  });

  it("take everything when more is asked than there is", () => {
    assert.equal(chosen({ sample: 1000 }, many).length, 200);
  });

  it("are taken of what the filters left, and then shared out", () => {
    const sample = chosen({ only: ["s1"], sample: 2 });
    assert.ok(sample.length === 2 && sample.every((id) => id.startsWith("s1.")));
    const parts = [1, 2].flatMap((index) => chosen({ only: ["s1"], sample: 2, shard: { index, count: 2 } }));
    assert.deepEqual(parts.sort(), sample.sort());
  });
});
