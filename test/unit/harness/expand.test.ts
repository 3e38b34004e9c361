import assert from "node:assert/strict";
import fc from "fast-check";
import { combinations, countUpTo } from "../../../harness/combinations.js";
import { expand, expandScenario } from "../../../harness/expand.js";
import { loadScenario } from "../../../harness/load.js";
import { mergePatch } from "../../../harness/merge.js";
import type { Case } from "../../../lib/model/case.js";
import type { Axes, Scenario, Variant } from "../../../lib/model/scenario.js";
import { refusal, withFile } from "../../support/scenario.js";
import { matrix } from "./written.js";

const scenario = (axes: Axes, over: Partial<Scenario> = {}): Scenario => ({
  name: "t",
  summary: "a test",
  axes,
  ...over,
});
const idsOf = (given: Scenario): string[] => expandScenario(given).cases.map(({ id }) => id);
const messagesOf = (given: Scenario): string[] =>
  expandScenario(given).problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
const load = async (path: string) => expand(await loadScenario(path));

describe("expand", () => {
  it("makes one case of a scenario without axes, with every default filled in", () => {
    const { cases } = expandScenario({ name: "one", summary: "a test" });
    assert.equal(cases.length, 1);
    assert.equal(cases[0]?.id, "one");
    assert.deepEqual(cases[0]?.variants, []);
    assert.equal(cases[0]?.params.guests.memory, 192);
    assert.equal(cases[0]?.params.limits.downtime, 30_000);
  });

  it("combines all axes in the order of the file, the last one turning fastest", () => {
    assert.deepEqual(idsOf(scenario({ b: { x: {}, y: {} }, a: { p: {}, q: {} } })), [
      "t.x.p",
      "t.x.q",
      "t.y.p",
      "t.y.q",
    ]);
  });

  it("puts the variants of a nested axis after the one that holds it", () => {
    const axes = { load: { idle: {}, stressed: { axes: { place: { inside: {}, outside: {} } } } }, mode: { pre: {} } };
    assert.deepEqual(idsOf(scenario(axes)), ["t.idle.pre", "t.stressed.inside.pre", "t.stressed.outside.pre"]);
  });

  const mode = { pre: {}, post: {} };
  const conditions: [name: string, axes: Axes, expected: string[]][] = [
    [
      "only keeps the named ones",
      { mode, load: { idle: { only: { mode: ["post"] } }, busy: {} } },
      ["pre.busy", "post.idle", "post.busy"],
    ],
    [
      "only takes a single name",
      { mode, load: { idle: { only: { mode: "post" } }, busy: {} } },
      ["pre.busy", "post.idle", "post.busy"],
    ],
    [
      "no drops the named ones",
      { mode, load: { idle: { no: { mode: ["post"] } }, busy: {} } },
      ["pre.idle", "pre.busy", "post.busy"],
    ],
    [
      "an axis may come later",
      { load: { idle: { no: { mode: ["post"] } }, busy: {} }, mode },
      ["idle.pre", "busy.pre", "busy.post"],
    ],
    [
      "an axis may be nested elsewhere",
      {
        load: { idle: {}, busy: { axes: { place: { here: {}, there: {} } } } },
        mode: { pre: { no: { place: ["there"] } }, post: {} },
      },
      ["idle.pre", "idle.post", "busy.here.pre", "busy.here.post", "busy.there.post"],
    ],
    [
      "only on an axis that is not there drops the case",
      {
        load: { idle: {}, busy: { axes: { place: { here: {}, there: {} } } } },
        mode: { pre: { only: { place: ["here"] } }, post: {} },
      },
      ["idle.post", "busy.here.pre", "busy.here.post", "busy.there.post"],
    ],
    [
      "several conditions all hold",
      { a: { x: {}, y: {} }, b: { p: {}, q: {} }, c: { m: { only: { a: ["x"] }, no: { b: ["q"] } }, n: {} } },
      ["x.p.m", "x.p.n", "x.q.n", "y.p.n", "y.q.n"],
    ],
  ];
  for (const [name, axes, expected] of conditions)
    it(`conditions: ${name}`, () => {
      assert.deepEqual(messagesOf(scenario(axes)), []);
      assert.deepEqual(
        idsOf(scenario(axes)),
        expected.map((id) => `t.${id}`),
      );
    });

  it("gathers tags and test ids of the scenario and of every chosen variant, each once", () => {
    const axes = { mode: { pre: { tags: ["quick", "all"], ids: ["4.1"] }, post: { ids: ["4.2"] } } };
    const { cases } = expandScenario(scenario(axes, { tags: ["all"], ids: ["4.0"] }));
    assert.deepEqual(
      cases.map(({ tags, testIds }) => ({ tags, testIds })),
      [
        { tags: ["all", "quick"], testIds: ["4.0", "4.1"] },
        { tags: ["all"], testIds: ["4.0", "4.2"] },
      ],
    );
  });

  it("lets the patches of several axes work on one section", () => {
    const axes: Axes = {
      mode: { post: { migration: { mode: "postcopy", timeout: "1m" } } },
      speed: { slow: { migration: { bandwidthMiBps: 8, timeout: "2m" } } },
    };
    const [first] = expandScenario(scenario(axes, { base: { migration: { control: "p2p" } } })).cases;
    assert.deepEqual(
      [first?.params.migration.mode, first?.params.migration.control, first?.params.migration.bandwidthMiBps],
      ["postcopy", "p2p", 8],
    );
    assert.equal(first?.params.migration.timeout, 120_000);
  });

  it("adds up the load of the base and of every axis", () => {
    const entry = (on: string) => ({ on, tool: "stress", args: ["--cpu", "1"] });
    const axes: Axes = {
      host: { busy: { load: [entry("source")] } },
      guest: { idle: {}, busy2: { load: [entry("target")] } },
    };
    const { cases } = expandScenario(scenario(axes, { base: { load: [entry("guests")] } }));
    assert.deepEqual(
      cases.map(({ params }) => params.load.map(({ on }) => on)),
      [
        ["guests", "source"],
        ["guests", "source", "target"],
      ],
    );
  });

  it("tells a conflict once, at the variant that brought it, with the first case and the number of all", () => {
    const axes: Axes = {
      channel: { open: {}, tunnel: { migration: { channel: "tunnelled", control: "p2p" } } },
      mode: { pre: {}, post: { migration: { mode: "postcopy" } } },
      vcpus: { one: {}, two: { guests: { vcpus: 2 } }, four: { guests: { vcpus: 4 } } },
    };
    assert.deepEqual(messagesOf(scenario(axes)), [
      "axes.mode.post.migration: libvirt does not support postcopy in a tunnelled migration: postcopy needs a way back that the tunnel has not (t.tunnel.post.one and 2 more cases)",
    ]);
  });

  const refused: [name: string, given: Scenario, expected: RegExp][] = [
    [
      "variants that no case has",
      scenario({ mode, x: { a: { only: { mode: ["pre"] }, no: { mode: ["pre"] } }, b: {} } }),
      /axes\.x\.a: the conditions leave no case with this variant/,
    ],
    [
      "conditions that leave nothing",
      scenario({ mode: { pre: {} }, x: { a: { no: { mode: ["pre"] } } } }),
      /axes: the conditions leave no case/,
    ],
    [
      "an id that no folder can have",
      scenario(Object.fromEntries(["a", "b", "c", "d"].map((axis) => [axis, { [axis.repeat(60)]: {} }]))),
      /the id of this case has 245 characters, 200 are allowed/,
    ],
  ];
  for (const [name, given, expected] of refused)
    it(`refuses ${name}`, () => assert.match(messagesOf(given).join("\n"), expected));

  it("names file, line and column of a conflict", async () => {
    const text = `name: t
summary: a test
base: { guests: { count: 1 } }
axes:
  pattern:
    orderly: {}
    cross: { movement: { pattern: cross } }
`;
    assert.deepEqual(await refusal(text, load), [
      "file.yaml:7:14: axes.pattern.cross.movement: a cross migration needs two guests at least, one for each direction (t.cross)",
    ]);
  });
});

describe("the matrix of the source document", () => {
  const counts = (cases: readonly Case[]): Record<string, number> => {
    const found: Record<string, number> = {};
    for (const { variants } of cases) {
      const pattern = variants.at(-1) ?? "";
      found[pattern] = (found[pattern] ?? 0) + 1;
    }
    return found;
  };

  // By hand: 2 tools x 2 kinds x (1 in the guests + 2 x 3 x 2 on hosts) = 52 ways to stress; two of booting that go with
  // every pattern, and one that goes with simultaneous alone.
  const stress = 2 * 2 * (1 + 2 * 3 * 2);
  const perMode = { orderly: stress + 2, cross: stress + 2, simultaneous: stress + 3, compressed: 1 };

  it("has 328 cases without the sizing axis", async () => {
    assert.deepEqual(counts(await matrix()), {
      orderly_migration: 2 * perMode.orderly,
      cross_migration: 2 * perMode.cross,
      simultaneous_migration: 2 * perMode.simultaneous,
      compressed_migration: 2 * perMode.compressed,
    });
    assert.equal((await matrix()).length, 328);
  });

  it("has the same for each of the four sizings: 432, 432, 440 and 8", async () => {
    assert.deepEqual(counts(await matrix({ sizes: true })), {
      orderly_migration: 432,
      cross_migration: 432,
      simultaneous_migration: 440,
      compressed_migration: 8,
    });
    assert.deepEqual(
      [perMode.orderly, perMode.cross, perMode.simultaneous, perMode.compressed].map((count) => 4 * 2 * count),
      [432, 432, 440, 8],
    );
    for (const size of ["set_vcpu_1", "set_vcpu_2", "set_memory_1", "set_memory_2"]) {
      const own = (await matrix({ sizes: true })).filter(({ variants }) => variants.includes(size));
      assert.deepEqual(counts(own), counts(await matrix()), size);
    }
  });

  it("has 1,312 with it, of different ids, each with one variant of every axis that applies", async () => {
    const cases = await matrix({ sizes: true });
    assert.equal(cases.length, 1312);
    assert.equal(new Set(cases.map(({ id }) => id)).size, 1312);
    assert.equal(
      cases.find(({ variants }) => variants.includes("short_of_memory"))?.id,
      "migrate-stress.set_vcpu_1.precopy.run_stress_app.stress.cpu_stress.stress_tool_on_hosts.with_host.on_source.short_of_memory.orderly_migration",
    );
  });
});

describe("merging", () => {
  const patch = fc.record(
    {
      number: fc.integer(),
      list: fc.array(fc.integer(), { maxLength: 2 }),
      mapping: fc.record({ x: fc.integer(), y: fc.integer() }, { requiredKeys: [], noNullPrototype: true }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );

  it("changes neither side", () => {
    fc.assert(
      fc.property(patch, patch, (before, after) => {
        const [copyBefore, copyAfter] = [structuredClone(before), structuredClone(after)];
        mergePatch(before, after);
        assert.deepEqual([before, after], [copyBefore, copyAfter]);
      }),
    );
  });

  it("keeps every word of the patch, and every word of the base that the patch does not mention", () => {
    fc.assert(
      fc.property(patch, patch, (before, after) => {
        const merged = mergePatch(before, after) as Record<string, unknown>;
        for (const [key, value] of Object.entries(after))
          if (typeof value === "number" || Array.isArray(value)) assert.deepEqual(merged[key], value);
        for (const [key, value] of Object.entries(before)) if (!(key in after)) assert.deepEqual(merged[key], value);
        assert.deepEqual(new Set(Object.keys(merged)), new Set([...Object.keys(before), ...Object.keys(after)]));
      }),
    );
  });

  it("is the same whichever two of three patches are merged first", () => {
    fc.assert(
      fc.property(patch, patch, patch, (a, b, c) =>
        assert.deepEqual(mergePatch(mergePatch(a, b), c), mergePatch(a, mergePatch(b, c))),
      ),
    );
  });

  it("does nothing with an empty patch", () => {
    fc.assert(fc.property(patch, (given) => assert.deepEqual(mergePatch(given, {}), given)));
  });

  it("adds up lists at the top, which is load, and replaces lists inside", () => {
    assert.deepEqual(mergePatch([1], [2]), [1, 2]);
    assert.deepEqual(mergePatch({ image: ["a"] }, { image: ["b"] }), { image: ["b"] });
  });
});

describe("counting", () => {
  const dictionary = <T>(values: fc.Arbitrary<T>, keys: string[]): fc.Arbitrary<Record<string, T>> =>
    fc.dictionary(fc.constantFrom(...keys), values, { minKeys: 1, maxKeys: keys.length, noNullPrototype: true });
  const axesOf = (levels: number): fc.Arbitrary<Axes> => {
    const plain: fc.Arbitrary<Variant> = fc.constant({});
    const variant =
      levels === 1
        ? plain
        : fc.oneof(
            plain,
            axesOf(levels - 1).map((axes): Variant => ({ axes })),
          );
    return dictionary(dictionary(variant, ["v1", "v2", "v3"]), ["a1", "a2"]);
  };
  const anyAxes = axesOf(3);

  it("agrees with expansion when no condition drops a case", () => {
    fc.assert(
      fc.property(anyAxes, (axes) => {
        fc.pre(countUpTo(axes) <= 3000n);
        assert.equal(BigInt(combinations(axes).length), countUpTo(axes));
      }),
    );
  });

  it("gives every case an id of its own, whatever is nested in what", () => {
    fc.assert(
      fc.property(anyAxes, (axes) => {
        fc.pre(countUpTo(axes) <= 3000n);
        const ids = combinations(axes).map((choices) => choices.map(({ name }) => name).join("."));
        assert.equal(new Set(ids).size, ids.length);
      }),
    );
  });

  it("bounds expansion when conditions drop some", () => {
    fc.assert(
      fc.property(anyAxes, fc.constantFrom("only", "no"), fc.constantFrom("v1", "v2"), (axes, word, name) => {
        fc.pre(countUpTo(axes) <= 3000n);
        const limited = { ...axes, extra: { here: { [word]: { a1: [name] } }, there: {} } } as Axes;
        assert.ok(BigInt(combinations(limited).length) <= countUpTo(limited));
      }),
    );
  });
});

describe("expanding a large scenario", function () {
  this.timeout(90_000);
  const axis = (name: string, count: number, patch: (n: number) => Variant) =>
    [name, Object.fromEntries(Array.from({ length: count }, (_, n) => [`${name}${n}`, patch(n)]))] as const;
  const large = scenario(
    Object.fromEntries([
      axis("count", 10, (n) => ({ guests: { count: n + 2 } })),
      axis("vcpus", 10, (n) => ({ guests: { vcpus: n + 1 } })),
      axis("rounds", 10, (n) => ({ movement: { rounds: n + 1 } })),
      axis("speed", 10, (n) => ({ migration: { bandwidthMiBps: n + 1 } })),
      axis("load", 10, (n) => ({
        load: [{ on: "guests", tool: "stress", args: ["--cpu", String(n + 1)] }],
        tags: [`t${n}`],
      })),
    ]),
  );

  it("makes 100,000 cases, each with an id of its own", () => {
    const { cases } = expandScenario(large);
    assert.equal(new Set(cases.map(({ id }) => id)).size, 100_000);
  });

  it("shares the parameters that cases have in common", async () => {
    const { cases } = expandScenario(large);
    assert.equal(cases[0]?.params.guests, cases[1]?.params.guests);
  });

  it("refuses more than 200,000 cases before it makes one", async () => {
    const axes = `  a: { ${Array.from({ length: 500 }, (_, n) => `a${n}: {}`).join(", ")} }\n`;
    const text = `name: t\nsummary: s\naxes:\n${axes}${axes.replaceAll("a", "b")}`;
    await withFile(text, async (path) =>
      assert.rejects(load(path), /:3:1: axes: these axes make up to 250000 cases, 200000 are allowed/),
    );
  });
});
