import assert from "node:assert/strict";
import { loadProfile, loadScenario } from "../../../harness/load.js";
import { makePlans } from "../../../harness/plan.js";
import { plannedActions } from "../../../harness/planned-steps.js";
import { profiled } from "../../../harness/profile.js";
import { migrateArgs } from "../../../lib/libvirt/migrate-args.js";
import type { Case } from "../../../lib/model/case.js";
import { inventorySchema } from "../../../lib/model/inventory.js";
import { loadsOf } from "../../../lib/model/loads.js";
import { optionsOfLeg } from "../../../lib/model/options-of-leg.js";
import type { Params } from "../../../lib/model/params.js";
import type { Axes } from "../../../lib/model/scenario.js";
import { buildHost, buildParams } from "../../support/build.js";
import { LAB, MATRIX, matrix } from "./written.js";

type Means = Readonly<Record<string, unknown>>;

/** What every case says. Durations in milliseconds, memory in MiB. */
const ALL: Means = {
  "guests.count": 10,
  "guests.image": ["tiny-a", "tiny-b", "tiny-c", "tiny-d"],
  "guests.vcpus": 1,
  "guests.memory": 1024,
  "guests.cache": "none",
  "movement.rounds": 5,
  "stress.workers": 4,
  "stress.memory": 128,
  "stress.duration": 3_600_000,
};

/** By axis, in the order of the file: what a case says that has this name among its variants. */
const NAMES: Readonly<Record<string, Readonly<Record<string, Means>>>> = {
  sizing: {
    set_vcpu_1: { "guests.vcpus": 2 },
    set_vcpu_2: { "guests.vcpus": 4 },
    set_memory_1: { "guests.memory": 2048 },
    set_memory_2: { "guests.memory": 4096 },
  },
  mode: {
    precopy: { "migration.mode": "precopy", "migration.autoConverge": true, "migration.timeout": 1_800_000 },
    postcopy: { "migration.mode": "postcopy", "migration.autoConverge": false, "migration.timeout": 3_600_000 },
  },
  load: {
    run_stress_app: { "booting.besides": 0, "booting.migrating": false },
    booting_load_vm: { "booting.besides": 1, "booting.migrating": false },
    booting_load_vms: { "booting.besides": 3, "booting.migrating": false },
    booting_migration_vms: { "booting.besides": 0, "booting.migrating": true },
  },
  tool: { stress: { "stress.tool": "stress" }, stress_ng: { "stress.tool": "stress-ng" } },
  kind: { cpu_stress: { "stress.kind": "cpu" }, memory_stress: { "stress.kind": "memory" } },
  place: {
    stress_tool_in_vms: { "stress.guests": true, "stress.hosts": undefined, "stress.hostMemory": undefined },
    // Where, how much and beside what, the names below it say.
    stress_tool_on_hosts: {},
  },
  where: { with_host: { "stress.guests": false }, with_host_and_vms: { "stress.guests": true } },
  side: {
    on_source: { "stress.hosts": "source" },
    on_target: { "stress.hosts": "target" },
    on_source_and_on_target: { "stress.hosts": "both" },
  },
  amount: { half_memory: { "stress.hostMemory": "half" }, short_of_memory: { "stress.hostMemory": "short" } },
  pattern: {
    orderly_migration: { "movement.pattern": "orderly" },
    cross_migration: { "movement.pattern": "cross" },
    simultaneous_migration: { "movement.pattern": "simultaneous" },
    compressed_migration: { "movement.pattern": "orderly", "migration.compression": "xbzrle" },
  },
};

/** By mode, and of what is compressed: all that virsh is told between the two ends of its command. */
const OPTIONS: Readonly<Record<string, string>> = {
  precopy: "--auto-converge --timeout 1800 --timeout-suspend",
  postcopy: "--postcopy --postcopy-after-precopy --timeout 3600 --timeout-suspend",
  "precopy compressed_migration": "--auto-converge --timeout 1800 --timeout-suspend --compressed --comp-methods xbzrle",
  "postcopy compressed_migration":
    "--postcopy --postcopy-after-precopy --timeout 3600 --timeout-suspend --compressed --comp-methods xbzrle",
};

/** By tool and kind: what runs in a guest, and on a host that was found to have 1000 MiB to give. */
const LOADS: readonly [words: string, inGuests: string, ofHalf: string, ofShortage: string][] = [
  [
    "stress cpu_stress",
    "stress --cpu 4",
    "stress --cpu 4 --vm 1 --vm-bytes 1000M --vm-hang 0",
    "stress --cpu 4 --vm 2 --vm-bytes 500M --vm-hang 0",
  ],
  [
    "stress_ng cpu_stress",
    "stress-ng --cpu 4",
    "stress-ng --cpu 4 --vm 1 --vm-bytes 1000M --vm-hang 0",
    "stress-ng --cpu 4 --vm 2 --vm-bytes 1000M --vm-hang 0",
  ],
  [
    "stress memory_stress",
    "stress --vm 4 --vm-bytes 128M --vm-keep",
    "stress --vm 4 --vm-bytes 250M --vm-keep",
    "stress --vm 4 --vm-bytes 250M --vm-keep",
  ],
  [
    "stress_ng memory_stress",
    "stress-ng --vm 4 --vm-bytes 512M --vm-keep",
    "stress-ng --vm 4 --vm-bytes 1000M --vm-keep",
    "stress-ng --vm 4 --vm-bytes 1000M --vm-keep",
  ],
];
const UNTIL = "--quiet --timeout 3600";

const SIDES: Readonly<Record<string, readonly string[]>> = {
  on_source: ["source"],
  on_target: ["target"],
  on_source_and_on_target: ["source", "target"],
};

/** Parameters under dotted names, `guests.vcpus`; what is absent has none. */
const flat = (params: Params): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(params).flatMap(([section, inner]) =>
      Array.isArray(inner)
        ? [[section, inner]]
        : Object.entries(inner).map(([key, value]) => [`${section}.${key}`, value]),
    ),
  );
const withoutAbsent = (given: Means): Means =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

const meansOf = (name: string): Means =>
  Object.values(NAMES).find((names) => name in names)?.[name] ?? assert.fail(`nobody says what ${name} means`);
const has = ({ variants }: Case, words: string): boolean => words.split(" ").every((word) => variants.includes(word));

/** The names of every axis, nested ones after the one that holds them. */
const namesIn = (axes: Axes): [axis: string, names: string[]][] =>
  Object.entries(axes).flatMap(([axis, variants]) => [
    [axis, Object.keys(variants)] as [string, string[]],
    ...Object.values(variants).flatMap((variant) => namesIn(variant.axes ?? {})),
  ]);

describe("the names of the stress matrix", () => {
  let cases: Case[];
  before(async () => {
    cases = await matrix({ sizes: true });
  });

  it("are those that people filter by, to the letter", async () => {
    const { scenario } = await loadScenario(MATRIX);
    assert.deepEqual(
      namesIn(scenario.axes ?? {}),
      Object.entries(NAMES).map(([axis, names]) => [axis, Object.keys(names)]),
    );
  });

  for (const [axis, names] of Object.entries(NAMES))
    for (const [name, means] of Object.entries(names).filter(([, means]) => Object.keys(means).length > 0))
      it(`${axis} ${name} means what it says, in every case`, () => {
        const own = cases.filter((one) => has(one, name));
        assert.ok(own.length > 0);
        for (const { id, params } of own) {
          const found = flat(params);
          assert.deepEqual(Object.fromEntries(Object.keys(means).map((key) => [key, found[key]])), means, id);
        }
      });

  it("tell who stresses at all, and who stresses hosts", () => {
    for (const one of cases) {
      const { tool, hosts } = one.params.stress;
      assert.deepEqual(
        [tool !== undefined, hosts !== undefined],
        [has(one, "run_stress_app"), has(one, "stress_tool_on_hosts")],
        one.id,
      );
    }
  });

  it("say everything: beside them a case has what all have, and the defaults of a scenario that says nothing", () => {
    const defaults = flat(buildParams());
    for (const { id, variants, params } of cases) {
      const said = Object.assign({}, defaults, ALL, ...variants.map(meansOf));
      assert.deepEqual(flat(params), withoutAbsent(said), id);
    }
  });

  it("become the options of virsh in every leg: postcopy after the first pass, auto-converge in precopy", () => {
    const ends = { guest: "g1", connectUri: "qemu:///system", peerUri: "qemu+tcp://h2/system" };
    for (const one of cases) {
      const words = ["precopy", "postcopy"].find((mode) => has(one, mode)) ?? assert.fail(one.id);
      const options = OPTIONS[has(one, "compressed_migration") ? `${words} compressed_migration` : words];
      for (let leg = 1; leg <= 10; leg += 1)
        assert.equal(
          migrateArgs({ ...ends, options: optionsOfLeg(one.params, leg) }).join(" "),
          `virsh -c qemu:///system migrate --live --persistent --undefinesource ${options} --domain g1 --desturi qemu+tcp://h2/system`,
          one.id,
        );
    }
  });

  for (const [words, inGuests, ofHalf, ofShortage] of LOADS)
    it(`become the load of ${words}: in the guests, on the hosts, of half and of more than there is`, () => {
      const own = cases.filter((one) => has(one, words));
      // By hand: 4 sizings x 2 modes x 3 patterns x (1 in the guests + 2 x 3 x 2 on hosts).
      assert.equal(own.length, 4 * 2 * 3 * (1 + 2 * 3 * 2));
      for (const one of own) {
        const isInGuests = has(one, "stress_tool_in_vms") || has(one, "with_host_and_vms");
        const onHost = has(one, "half_memory") ? ofHalf : ofShortage;
        const sides = Object.entries(SIDES).flatMap(([name, places]) => (has(one, name) ? places : []));
        assert.deepEqual(
          loadsOf(one.params).map(({ on, tool, args }) => `${on}: ${tool} ${args(1000).join(" ")}`),
          [
            ...(isInGuests ? [`guests: ${inGuests} ${UNTIL}`] : []),
            ...sides.map((side) => `${side}: ${onHost} ${UNTIL}`),
          ],
          one.id,
        );
      }
    });

  it("of what boots beside the guests, and of guests that boot, make no load of a tool", () => {
    for (const one of cases.filter((one) => !has(one, "run_stress_app"))) assert.deepEqual(loadsOf(one.params), []);
  });
});

/** The sets of equal texts that are more than one, by what is said to be told apart. */
const twins = (cases: readonly Case[], textOf: (one: Case) => string): string[][] => {
  const ids = new Map<string, string[]>();
  for (const one of cases) ids.set(textOf(one), [...(ids.get(textOf(one)) ?? []), one.id]);
  return [...ids.values()].filter(({ length }) => length > 1);
};

describe("the cases of the stress matrix", () => {
  let cases: Case[];
  let small: Case[];
  before(async () => {
    cases = await matrix({ sizes: true });
    small = profiled(cases, await loadProfile(LAB));
  });

  const paramsText = ({ params }: Case): string =>
    JSON.stringify(Object.entries(flat(params)).sort(([a], [b]) => (a < b ? -1 : 1)));
  const inventory = inventorySchema.parse({
    hosts: ["h1", "h2"].map((name) => ({ name, peerUri: `qemu+tcp://${name}/system` })),
    images: Object.fromEntries(
      ["tiny-a", "tiny-b", "tiny-c", "tiny-d"].map((name) => [name, { kernel: "/k", login: { hostKey: "first-use" } }]),
    ),
    network: { bridge: "br0" },
  });
  const host = (name: string) =>
    buildHost({ host: name, hostUuid: name, freeMemoryMiB: 100_000, tools: ["stress", "stress-ng"] });
  /** Everything that `plan` tells of what is done, with the names of guests as if the case were the only one. */
  const workOf = (one: Case): string => {
    const [plan] = makePlans([one], { inventory, hosts: [host("h1"), host("h2")], jobKey: "ab12cd3" });
    if (plan?.verdict !== "run") assert.fail(plan?.reason);
    return JSON.stringify(
      plan.steps.map((step) => [
        step.kind,
        step.kind === "leg" ? step.width : 1,
        plannedActions(plan, step, inventory),
      ]),
    );
  };

  it("differ in their parameters, each from each", () => {
    assert.equal(cases.length, 1312);
    assert.deepEqual(twins(cases, paramsText), []);
  });

  it("differ so with the profile of the lab, too, within a sizing and across all", () => {
    assert.equal(small.length, 1312);
    assert.deepEqual(twins(small, paramsText), []);
    for (const size of Object.keys(NAMES.sizing ?? {})) {
      const own = small.filter((one) => has(one, size));
      assert.equal(own.length, 328, size);
      assert.deepEqual(twins(own, paramsText), [], size);
    }
  });

  it("do different work by their plans, as they are and with the profile of the lab", () => {
    assert.deepEqual(twins(cases, workOf), []);
    assert.deepEqual(twins(small, workOf), []);
  });
});
