import assert from "node:assert/strict";
import { loadProfile } from "../../../harness/load.js";
import { applyProfile, profiled } from "../../../harness/profile.js";
import type { Case } from "../../../lib/model/case.js";
import { paramsSchema } from "../../../lib/model/params.js";
import type { Profile } from "../../../lib/model/profile.js";
import { buildCase, buildParams, buildProfile } from "../../support/build.js";
import { LAB, matrix, refusal, written } from "./written.js";

const caseOf = (params: unknown, id = "a"): Case => buildCase({ id, params: buildParams(params) });
const scaled = (params: unknown, scale: Profile["scale"]) => {
  const { cases, problems } = applyProfile([caseOf(params)], buildProfile({ scale }));
  assert.deepEqual(problems, []);
  return cases[0]?.params ?? assert.fail();
};
const file = (...scale: string[]): string =>
  written(`name: p\nsummary: s\nscale:\n${scale.map((line) => `  ${line}\n`).join("")}`);
const refused = (cases: readonly Case[], ...scale: string[]): Promise<string> =>
  refusal(async () => profiled(cases, await loadProfile(file(...scale))));

describe("a profile", () => {
  const memory = (MiB: number, change: Profile["scale"][string]): number =>
    scaled({ guests: { memory: `${MiB}MiB` } }, { "guests.memory": change }).guests.memory;
  const table: [name: string, before: number, change: Profile["scale"][string], after: number][] = [
    ["sets", 4096, { set: "1GiB" }, 1024],
    ["multiplies", 4096, { times: 0.0625 }, 256],
    ["raises what is below", 2048, { times: 0.0625, atLeast: "160MiB" }, 160],
    ["leaves what is above", 4096, { times: 0.0625, atLeast: "160MiB" }, 256],
    ["lowers what is above", 4096, { atMost: "2GiB" }, 2048],
    ["leaves what is below", 512, { atMost: "2GiB" }, 512],
    ["sets first, multiplies then, and holds to its limits last", 1, { atMost: "90MiB", times: 10, set: "10MiB" }, 90],
    ["keeps whole numbers whole", 100, { times: 0.333 }, 33],
    ["rounds to the nearest", 10, { times: 0.25 }, 3],
  ];
  for (const [name, before, change, after] of table) it(name, () => assert.equal(memory(before, change), after));

  it("knows the units of durations and bare numbers", () => {
    const { limits, guests } = scaled(
      { guests: { count: 10 }, limits: { boot: "10m" } },
      { "limits.boot": { atMost: "120s" }, "guests.count": { atMost: 2 } },
    );
    assert.deepEqual([limits.boot, guests.count], [120_000, 2]);
  });

  it("leaves absent what is absent, and everything that it does not name", () => {
    const given = { guests: { image: ["a", "b"] }, load: [{ on: "guests", tool: "stress", args: ["--cpu", "4"] }] };
    const after = scaled(given, { "migration.timeout": { set: "1s" }, "movement.concurrency": { times: 2 } });
    assert.deepEqual(after, buildParams(given));
  });

  describe("with rules", () => {
    const rules: NonNullable<Profile["rules"]> = [
      { when: { variants: ["postcopy", "late"] }, scale: { "migration.bandwidthMiBps": { set: 20 } } },
      {
        when: { variants: "postcopy", tags: "small" },
        scale: { "migration.bandwidthMiBps": { times: 0.5, atLeast: 8 } },
      },
      { when: { tags: ["small"] }, scale: { "migration.maxDowntime": { set: "10ms", times: 2 } } },
    ];
    const made = (over: Partial<Case>, params: unknown = {}) => {
      const { cases, problems } = applyProfile([{ ...caseOf(params), ...over }], buildProfile({ scale: {}, rules }));
      assert.deepEqual(problems, []);
      const { bandwidthMiBps, maxDowntime } = cases[0]?.params.migration ?? assert.fail();
      return [bandwidthMiBps, maxDowntime];
    };

    it("gives a parameter that is absent to the cases that are meant, and to no others", () => {
      assert.deepEqual(made({ variants: ["late", "x"] }), [20, undefined]);
      assert.deepEqual(made({ variants: ["precopy"] }), [undefined, undefined]);
      assert.deepEqual(made({ variants: ["postcopy"] }, { migration: { bandwidthMiBps: 64 } }), [20, undefined]);
    });
    it("goes through them in their order, where variants and tags fit both", () => {
      assert.deepEqual(made({ variants: ["postcopy"], tags: ["small"] }), [10, 20]);
      assert.deepEqual(made({ variants: ["precopy"], tags: ["small"] }), [undefined, 20]);
    });
    it("leaves out the cases that it is to leave out, also where nothing else is said", () => {
      for (const when of [{ variants: "postcopy", without: ["x", "y"] }, { without: "x" }]) {
        const only = [{ when, scale: { "migration.bandwidthMiBps": { set: 8 } } }];
        const cases = [["postcopy"], ["postcopy", "x"]].map((variants) => ({ ...caseOf({}), variants }));
        const { cases: after } = applyProfile(cases, buildProfile({ scale: {}, rules: only }));
        assert.deepEqual(
          after.map(({ params }) => params.migration.bandwidthMiBps),
          [8, undefined],
        );
      }
    });
    it("gives nothing where it only multiplies or limits", () => {
      const only = [{ when: { tags: "a" }, scale: { "migration.bandwidthMiBps": { times: 2, atLeast: 8 } } }];
      const given = [{ ...caseOf({}), tags: ["a"] }];
      const { cases } = applyProfile(given, buildProfile({ scale: {}, rules: only }));
      assert.deepEqual(cases, given);
    });
    it("gives nothing to lists, which have no entry to give it to", () => {
      const only = [{ when: { tags: "a" }, scale: { "faults.leg": { set: 2 } } }];
      const given = [{ ...caseOf({}), tags: ["a"] }];
      const { cases } = applyProfile(given, buildProfile({ scale: {}, rules: only }));
      assert.deepEqual(cases, given);
    });

    it("chooses another word of a parameter that is one, in the cases that are meant", () => {
      const only = [
        {
          when: { variants: "postcopy" },
          choose: { "migration.timeoutAction": "postcopy" },
          scale: { "migration.timeout": { set: "1s" } },
        },
      ];
      const cases = ["postcopy", "precopy"].map((mode) => ({ ...caseOf({ migration: { mode } }), variants: [mode] }));
      const { cases: after, problems } = applyProfile(cases, buildProfile({ scale: {}, rules: only }));
      assert.deepEqual(problems, []);
      assert.deepEqual(
        after.map(({ params: { migration } }) => [migration.timeoutAction, migration.timeout]),
        [
          ["postcopy", 1000],
          ["suspend", undefined],
        ],
      );
    });

    const text = (...lines: string[]): string =>
      written(`name: p\nsummary: s\nscale: {}\nrules:\n${lines.map((line) => `  ${line}\n`).join("")}`);
    it("is refused at the rule that makes a case impossible", async () => {
      const one = caseOf({ limits: { totalTime: "1h" }, migration: { timeout: "30m" } });
      const file = text(
        "- { when: { variants: precopy }, scale: { guests.vcpus: { set: 2 } } }",
        "- { when: { variants: [orderly] }, scale: { limits.totalTime: { set: 1m } } }",
      );
      assert.match(
        await refusal(async () => profiled([one], await loadProfile(file))),
        /^given\.yaml:6:\d+: rules\.1\.scale.*totalTime is not longer/,
      );
    });
    it("is refused without a condition, or with a parameter that nobody has", async () => {
      const load = (line: string) => refusal(async () => profiled([caseOf({})], await loadProfile(text(line))));
      assert.match(await load("- { when: {}, scale: {} }"), /rules\.0\.when: say which cases are meant/);
      assert.match(
        await load("- { when: { tags: x }, choose: { migration.mode: both } }"),
        /expected precopy \| postcopy/,
      );
      assert.match(await load("- { when: { variant: x }, scale: {} }"), /unknown key variant, did you mean variants\?/);
      assert.match(
        await load("- { when: { tags: x }, scale: { guests.vcpu: { set: 1 } } }"),
        /did you mean guests\.vcpus/,
      );
    });
  });

  it("gives parameters that the schema reads again, of every case of the stress matrix; ids and variants stay", async () => {
    const cases = await matrix({ sizes: true });
    const { profile } = await loadProfile(LAB);
    const { cases: small, problems } = applyProfile(cases, profile);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      small.map(({ params: _, ...rest }) => rest),
      cases.map(({ params: _, ...rest }) => rest),
    );
    for (const { params } of small) {
      assert.ok(params.guests.memory >= 160 && params.guests.memory <= 256 && params.guests.count <= 2);
      assert.ok(params.movement.rounds === 1 && (params.migration.timeout ?? 0) <= 120_000);
    }
    assert.ok(cases.every(({ params }) => params.movement.rounds === 5));
  });

  it("of the lab keeps the four sizings of the stress matrix apart", async () => {
    const sizes = profiled(await matrix({ sizes: true }), await loadProfile(LAB)).map(
      ({ variants, params: { guests } }) => [variants[0], guests.vcpus, guests.memory].join(" "),
    );
    assert.deepEqual(
      [...new Set(sizes)],
      ["set_vcpu_1 1 160", "set_vcpu_2 2 160", "set_memory_1 1 192", "set_memory_2 1 256"],
    );
  });

  it("changes nothing in the cases that it is given", () => {
    const cases = [caseOf({ guests: { memory: "4GiB" } })];
    applyProfile(cases, buildProfile({ scale: { "guests.memory": { set: "1MiB" } } }));
    assert.equal(cases[0]?.params.guests.memory, 4096);
  });

  it("refuses a parameter that nobody has, with a hint", async () => {
    assert.equal(
      await refused([caseOf({})], "guests.memroy: { times: 2 }"),
      "given.yaml:4:3: scale.guests.memroy: unknown key guests.memroy, did you mean guests.memory?\n      guests.memroy: { times: 2 }\n      ^",
    );
    assert.match(await refused([caseOf({})], "migration.mode: { set: 1 }"), /unknown key migration\.mode/);
  });

  const bad: [name: string, line: string, told: RegExp][] = [
    ["a size without a unit", "guests.memory: { atLeast: 160 }", /4:20: .*atLeast: write memory as/],
    ["the unit of something else", "guests.memory: { atLeast: 160s }", /write memory as/],
    ["a unit where there is none", "guests.count: { atMost: 2MiB }", /expected a number/],
    ["a limit that the parameter cannot have", "guests.count: { atMost: 0 }", />=1/],
    ["a factor that leaves nothing", "guests.count: { times: 0 }", />0/],
    ["a factor without end", "guests.count: { times: .inf }", /times/],
    ["an order that says nothing", "guests.count: {}", /say what becomes of it: set, times, atLeast or atMost/],
    ["limits that cross", "guests.count: { atLeast: 3, atMost: 2 }", /atLeast is above atMost/],
    ["an unknown word", "guests.count: { atmost: 2 }", /unknown key atmost, did you mean atMost\?/],
    ["an alias", "guests.count: &a { atMost: 2 }", /anchors and aliases/],
  ];
  for (const [name, line, told] of bad)
    it(`refuses ${name}, with its place`, async () => assert.match(await refused([caseOf({})], line), told));

  it("refuses what the schema would not have let a scenario say, once for all cases", async () => {
    const cases = [caseOf({}, "one"), caseOf({ guests: { memory: "1GiB" } }, "two")];
    assert.match(
      await refused(cases, "guests.vcpus: { times: 600 }"),
      /^given\.yaml:4:3: scale\.guests\.vcpus: .*<=512 \(one and 1 more cases\)/,
    );
    assert.match(await refused(cases, "guests.vcpus: { times: 0.1 }"), />=1 \(one and 1 more cases\)/);
  });

  it("refuses what makes a case impossible, at the number that did it", async () => {
    const cross = caseOf({ guests: { count: 4 }, movement: { pattern: "cross" } }, "crossing");
    assert.match(
      await refused([cross], "guests.vcpus: { atMost: 2 }", "guests.count: { atMost: 1 }"),
      /scale.*: a cross migration needs two guests at least.*\(crossing\)/,
    );
    const late = caseOf({ limits: { totalTime: "1h" }, migration: { timeout: "30m" } });
    assert.match(
      await refused([late], "limits.totalTime: { set: 1m }"),
      /^given\.yaml:4:3: scale\.limits\.totalTime: limits\.totalTime is not longer/,
    );
  });

  it("is written down in a form that is read the same again", async () => {
    const { profile } = await loadProfile(LAB);
    const again: Profile = JSON.parse(JSON.stringify(profile));
    const cases = [caseOf({ guests: { memory: "4GiB" } })];
    assert.deepEqual(applyProfile(cases, again), applyProfile(cases, profile));
    assert.equal(paramsSchema.safeParse(cases[0]?.params).success, false, "resolved parameters are not text");
  });
});
