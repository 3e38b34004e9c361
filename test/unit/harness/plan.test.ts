import assert from "node:assert/strict";
import { assumedFacts } from "../../../harness/assumed-facts.js";
import type { CaseContext } from "../../../harness/engine/context.js";
import { optionsOfMove } from "../../../harness/engine/instance.js";
import { migrateCommand } from "../../../harness/engine/migrate.js";
import { afterLoadMs, beginMs, makePlans, migrationLimitMs } from "../../../harness/plan.js";
import { plannedActions } from "../../../harness/planned-steps.js";
import { poolSize } from "../../../harness/requirements.js";
import type { Case } from "../../../lib/model/case.js";
import { inventorySchema } from "../../../lib/model/inventory.js";
import { everyOptions } from "../../../lib/model/options-of-leg.js";
import { paramsSchema } from "../../../lib/model/params.js";
import type { Plan, RunnablePlan } from "../../../lib/model/plan.js";
import type { HostFacts } from "../../../lib/model/result.js";
import { fakeCase } from "./engine/fake-case.js";

const host = (name: string) => ({ name, address: "198.18.0.11", peerUri: `qemu+tcp://${name}/system` });
const image = { kernel: "/k", login: { hostKey: "first-use" } };
const inventory = inventorySchema.parse({
  hosts: [host("h1"), host("h2")],
  images: { tiny: image, "tiny-a": image, "tiny-b": image, disky: { ...image, disk: "base/x.qcow2" } },
  network: { bridge: "br0", addressing: "static", pool: "198.18.1.1/24" },
});
const facts = (name: string, over: Partial<HostFacts> = {}): HostFacts => ({
  host: name,
  system: "Linux",
  libvirtVersion: "9.0.0",
  qemuVersion: "7.2.0",
  virtType: "qemu",
  hostUuid: name,
  freeMemoryMiB: 100_000,
  hasVirtInstall: false,
  tools: ["stress-ng"],
  seLinux: "absent",
  daemons: ["libvirtd"],
  ...over,
});
const makeCase = (params: unknown): Case => ({
  id: "s.a",
  scenario: "s",
  variants: ["a"],
  tags: [],
  testIds: [],
  params: paramsSchema.parse(params),
});
const planOf = (params: unknown, target: Partial<HostFacts> = {}): Plan =>
  makePlans([makeCase(params)], { inventory, hosts: [facts("h1"), facts("h2", target)], jobKey: "ab12cd3" })[0]!;
const runnable = (params: unknown): RunnablePlan => {
  const plan = planOf(params);
  if (plan.verdict === "skip") assert.fail(plan.reason);
  return plan;
};
const legs = (plan: RunnablePlan) => plan.steps.flatMap((step) => (step.kind === "leg" ? [step] : []));

describe("makePlans", () => {
  it("names guests after the job, spreads the images over them and gives each an address and a MAC of its own", () => {
    const { guests } = runnable({ guests: { count: 3, image: ["tiny-a", "tiny-b"] } });
    assert.deepEqual(
      guests.map(({ name, image: from }) => [name, from]),
      [
        ["ms-ab12cd3-001-g1", "tiny-a"],
        ["ms-ab12cd3-001-g2", "tiny-b"],
        ["ms-ab12cd3-001-g3", "tiny-a"],
      ],
    );
    assert.equal(new Set(guests.map(({ mac }) => mac)).size, 3);
    assert.equal(new Set(guests.map(({ address }) => address)).size, 3);
    for (const { address } of guests) assert.match(address ?? "", /^198\.18\.1\.\d+\/24$/);
  });

  it("never hands out the network's or the broadcast address, wherever in the pool a job begins", () => {
    for (let job = 0; job < 300; job += 1) {
      const [plan] = makePlans([makeCase({ guests: { count: 50 } })], {
        inventory,
        hosts: [facts("h1"), facts("h2")],
        jobKey: `job${job}`,
      });
      assert.ok(plan?.verdict === "run");
      for (const { address } of plan.guests) {
        const last = Number(address?.split("/")[0]?.split(".")[3]);
        assert.ok(last >= 1 && last <= 254, address);
      }
    }
  });

  describe("guests of cases that follow each other", () => {
    const sets = [{}, {}, { guests: { count: 2 } }, { guests: { count: 2 }, movement: { pattern: "cross" } }, {}];
    const plans = (fresh: boolean, given: readonly object[] = sets): RunnablePlan[] =>
      makePlans(
        given.map((params, index) => ({ ...makeCase(params), id: `s.${index}` })),
        { inventory, hosts: [facts("h1"), facts("h2")], jobKey: "ab12cd3", fresh },
      ).flatMap((plan) => (plan.verdict === "run" ? [plan] : []));

    it("are the same where they fit and start at the same places", () => {
      const [first, second, third, cross, last] = plans(false);
      assert.deepEqual(
        [first?.herd, second?.herd, third?.herd, cross?.herd, last?.herd],
        ["s.0", "s.0", "s.2", "s.3", "s.4"],
      );
      assert.deepEqual(second?.guests, first?.guests);
      assert.deepEqual(
        plans(false).map(({ leavesGuests }) => leavesGuests),
        [true, false, false, false, false],
      );
      assert.equal(second?.steps.find(({ kind }) => kind === "start-guests")?.name, "take over 1 guests of s.0");
    });

    it("are handed on over a case that cannot run", () => {
      const [first, second] = plans(false, [{}, { load: [{ on: "source", tool: "stress", args: ["-c"] }] }, {}]);
      assert.deepEqual([first?.leavesGuests, second?.herd], [true, "s.0"]);
    });

    it("are each case's own with --fresh", () => {
      assert.deepEqual(
        plans(true).map(({ herd, leavesGuests }) => [herd, leavesGuests]),
        [0, 1, 2, 3, 4].map((index) => [`s.${index}`, false]),
      );
    });

    it("never share an address with guests that boot beside them, not in a later round of the pool either", () => {
      const given = Array.from({ length: 300 }, (_, index) => ({ booting: { besides: (index * 7) % 5 } }));
      for (const { guests, booters } of plans(false, given)) {
        const all = [...guests, ...booters].map(({ address }) => address);
        assert.equal(new Set(all).size, all.length);
      }
    });
  });

  it("goes there and back in every round, one at a time when orderly", () => {
    const plan = runnable({ guests: { count: 2 }, movement: { rounds: 2 } });
    assert.deepEqual(
      legs(plan).map(({ width, moves }) => [width, moves.map(({ from, to }) => `${from}→${to}`)]),
      [
        [1, ["h1→h2", "h1→h2"]],
        [1, ["h2→h1", "h2→h1"]],
        [1, ["h1→h2", "h1→h2"]],
        [1, ["h2→h1", "h2→h1"]],
      ],
    );
  });

  it("puts every second guest on the target and moves both ways at once when crossing", () => {
    const plan = runnable({ guests: { count: 3 }, movement: { pattern: "cross" } });
    assert.deepEqual(
      legs(plan).map(({ width, moves }) => [width, moves.map(({ from, to }) => `${from}→${to}`)]),
      [
        [3, ["h1→h2", "h2→h1", "h1→h2"]],
        [3, ["h2→h1", "h1→h2", "h2→h1"]],
      ],
    );
  });

  describe("crossing", () => {
    const crossing = (count: number) => runnable({ guests: { count }, movement: { pattern: "cross", rounds: 5 } });
    const away = { h1: "h2", h2: "h1" } as Record<string, string>;

    for (const [count, homes] of [
      [2, ["h1", "h2"]],
      [3, ["h1", "h2", "h1"]],
    ] as const)
      it(`${count} guests five times there and back never loses one, nor moves one twice or from where it is not`, () => {
        const plan = crossing(count);
        const names = plan.guests.map(({ name }) => name);
        assert.deepEqual(
          plan.guests.map(({ host }) => host),
          homes,
        );
        assert.equal(new Set(names).size, count);
        const place = new Map(plan.guests.map(({ name, host }) => [name, host]));
        assert.deepEqual(
          legs(plan).map(({ number }) => number),
          [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        );
        for (const { number, moves, width } of legs(plan)) {
          assert.deepEqual(
            moves.map(({ guest }) => guest),
            names,
            `leg ${number}: each moves once`,
          );
          assert.deepEqual(
            [...new Set(moves.map(({ from }) => from))].sort(),
            ["h1", "h2"],
            `leg ${number}: both ways`,
          );
          assert.equal(width, count, "all at once");
          for (const { guest, from, to } of moves) {
            assert.equal(from, place.get(guest), `leg ${number}: ${guest} leaves from where it arrived`);
            assert.equal(to, away[from]);
            place.set(guest, to);
          }
          const expected = number % 2 === 1 ? homes.map((home) => away[home]) : homes;
          assert.deepEqual([...place.values()], expected, `after leg ${number}`);
        }
        assert.deepEqual(
          [...place],
          plan.guests.map(({ name, host }) => [name, host]),
        );
      });

    const ways: [name: string, migration: object, options: string][] = [
      [
        "precopy of the stress matrix",
        { mode: "precopy", autoConverge: true, timeout: "1800s" },
        "--auto-converge --timeout 1800 --timeout-suspend",
      ],
      [
        "postcopy of the stress matrix",
        { mode: "postcopy", timeout: "3600s" },
        "--postcopy --postcopy-after-precopy --timeout 3600 --timeout-suspend",
      ],
      [
        "all that precopy can be told",
        {
          ...{ mode: "precopy", autoConverge: true, timeout: "90s", control: "p2p", bandwidthMiBps: 50 },
          ...{ compression: "xbzrle", copyStorage: "all" },
        },
        "--auto-converge --timeout 90 --timeout-suspend --p2p --bandwidth 50 --compressed --comp-methods xbzrle --copy-storage-all",
      ],
      [
        "a switch to postcopy at the timeout",
        { mode: "postcopy", timeout: "90s", timeoutAction: "postcopy", bandwidthMiBps: 8, control: "p2p" },
        "--postcopy --timeout 90 --timeout-postcopy --p2p --bandwidth 8",
      ],
      ["parallel connections", { connections: 4 }, "--parallel --parallel-connections 4"],
    ];
    for (const [name, migration, options] of ways)
      it(`has every option in both directions, in every leg: ${name}`, async () => {
        const far = inventorySchema.parse({
          ...inventory,
          hosts: ["h1", "h2"].map((name) => ({ ...host(name), connectUri: `qemu:///${name}` })),
        });
        const plan = runnable({ guests: { count: 3 }, migration, movement: { pattern: "cross", rounds: 5 } });
        const ctx: CaseContext = {
          ...fakeCase({ h1: {}, h2: {}, observer: {} }),
          ...{ plan, inventory: far },
          hosts: new Map(far.hosts.map((host) => [host.name, { host, remote: {} } as never])),
        };
        for (const step of legs(plan)) {
          const told = plannedActions(plan, step, far).map(({ host, command }) => `${host}: ${command}`);
          const expected = step.moves.map(
            ({ guest, from, to }) =>
              `${from}: virsh -c qemu:///${from} migrate --live --persistent --undefinesource ${options} --domain ${guest} --desturi qemu+tcp://${to}/system`,
          );
          assert.deepEqual(told, expected);
          const done = step.moves.map(async (move) => {
            const command = migrateCommand(ctx, move, await optionsOfMove(ctx, step.number, move));
            return `${move.from}: ${command.join(" ")}`;
          });
          assert.deepEqual(await Promise.all(done), expected);
        }
      });
  });

  it("limits a simultaneous leg to the given concurrency", () => {
    const plan = runnable({ guests: { count: 4 }, movement: { pattern: "simultaneous", concurrency: 2 } });
    assert.deepEqual(
      legs(plan).map(({ width }) => width),
      [2, 2],
    );
  });

  it("has a step for load only where there is load", () => {
    const kinds = (plan: RunnablePlan) => plan.steps.map(({ kind }) => kind);
    assert.ok(!kinds(runnable({})).includes("start-load"));
    const loaded = runnable({ load: [{ on: "guests", tool: "stress", args: ["--cpu", "4"] }] });
    assert.ok(kinds(loaded).includes("start-load"));
  });

  it("tells a load that takes what the host has to give with all but the size, which only the host knows", () => {
    const told = (stress: object): string[] => {
      const plan = runnable({ stress: { tool: "stress-ng", workers: 1, hosts: "source", ...stress } });
      return plan.steps.flatMap((step) =>
        step.kind === "start-load"
          ? plannedActions(plan, step, inventory).map(({ host, what }) => `${host} ${what}`)
          : [],
      );
    };
    const half = "in all half of the memory that the guests leave free";
    const more = "in all a little more than the memory that the guests leave free";
    const end = "--quiet --timeout 3600";
    assert.deepEqual(
      [
        told({ kind: "cpu", hostMemory: "half" }),
        told({ kind: "cpu", hostMemory: "short" }),
        told({ kind: "memory", hostMemory: "half" }),
        told({ kind: "memory", hostMemory: "short" }),
      ],
      [
        [`h1 load: stress-ng --cpu 1 --vm 1 --vm-bytes SIZE --vm-hang 0 ${end}, ${half}`],
        [`h1 load: stress-ng --cpu 1 --vm 2 --vm-bytes SIZE --vm-hang 0 ${end}, ${more}`],
        [`h1 load: stress-ng --vm 1 --vm-bytes SIZE --vm-keep ${end}, ${half}`],
        [`h1 load: stress-ng --vm 2 --vm-bytes SIZE --vm-keep ${end}, ${more}`],
      ],
    );
  });

  describe("the step that starts load", () => {
    const load = { tool: "stress-ng", kind: "memory", workers: 2, memory: "128MiB", duration: "2h" };
    /** By what is free on both hosts. */
    const stepOf = (stress: object, sourceMiB: number, targetMiB: number) => {
      const plan = makePlans([makeCase({ stress: { ...load, ...stress } })], {
        inventory,
        hosts: [facts("h1", { freeMemoryMiB: sourceMiB }), facts("h2", { freeMemoryMiB: targetMiB })],
        jobKey: "ab12cd3",
      })[0];
      assert.ok(plan?.verdict === "run");
      const { deadlineMs = 0 } = plan.steps.find(({ kind }) => kind === "start-load") ?? {};
      return { deadlineMs, params: plan.case.params };
    };

    it("has more time than a load is waited for, however much memory it is to fill", () => {
      for (const [stress, memoryMiB] of [
        [{ guests: true, kind: "cpu" }, 0],
        [{ guests: true, memory: "10GiB" }, 20_480],
        [{ hosts: "source", hostMemory: "half" }, 256_000],
        [{ hosts: "both", hostMemory: "short" }, 256_000],
        [{ hosts: "target", hostMemory: "short" }, 1_000],
      ] as const) {
        const { deadlineMs, params } = stepOf(stress, 256_000, 1_000);
        assert.equal(deadlineMs - beginMs(memoryMiB, params) - afterLoadMs(params), 60_000);
        assert.ok(beginMs(memoryMiB, params) >= 60_000 + memoryMiB * 10);
        assert.equal(afterLoadMs(params), 60_000);
      }
    });

    it("does not wait for a load that has ended by itself, nor without end for hosts that nobody asked", () => {
      const { freeMemoryMiB } = assumedFacts(inventory.hosts[0] as never);
      const { deadlineMs } = stepOf({ hosts: "source", hostMemory: "half", duration: "600s" }, freeMemoryMiB, 1_000);
      assert.equal(deadlineMs, 60_000 + 60_000 + 600_000 + 60_000);
    });
  });

  it("gives guests that boot their time to be met once", () => {
    const { params } = makeCase({ booting: { besides: 1 }, limits: { boot: "7m" } });
    assert.equal(afterLoadMs(params), 60_000 + 420_000);
  });

  it("gives a load the time to install its tools, and says so, only where a guest of the case may have them", () => {
    const tooled = { ...image, installTools: true };
    const given = inventorySchema.parse({ ...inventory, images: { tiny: image, given: tooled } });
    const told = (params: object) => {
      const [plan] = makePlans([makeCase(params)], {
        inventory: given,
        hosts: [facts("h1"), facts("h2")],
        jobKey: "ab12cd3",
      });
      const step = plan?.verdict === "run" ? plan.steps.find(({ kind }) => kind === "start-load") : undefined;
      if (plan?.verdict !== "run" || step === undefined) assert.fail("no load");
      const installs = plannedActions(plan, step, given).filter(({ what }) => what.startsWith("install"));
      return [step.deadlineMs / 1000, ...installs.map(({ host, what }) => `${host.slice(-2)}: ${what}`)];
    };
    const guests = { count: 2, image: ["tiny", "given"] };
    const load = ["stress", "stress-ng", "stress"].map((tool) => ({ on: "guests", tool, args: ["--cpu", "1"] }));
    assert.deepEqual(told({ load }), [180]);
    assert.deepEqual(told({ guests, load: [{ on: "source", tool: "stress-ng", args: ["--cpu", "1"] }] }), [180]);
    assert.deepEqual(told({ guests, load }), [
      780,
      "g2: install stress, where it is missing",
      "g2: install stress-ng, where it is missing",
    ]);
  });

  const skips: [string, unknown, Partial<HostFacts>, RegExp][] = [
    ["an unknown image", { guests: { image: "nope" } }, {}, /no image nope; it has tiny/],
    [
      "a disk without storage",
      { guests: { image: "disky" } },
      {},
      /disky has a disk, and the inventory names no storage/,
    ],
    ["too little memory", { guests: { count: 9, memory: "4GiB" } }, { freeMemoryMiB: 5_000 }, /h2 has 5000 MiB free/],
    ["a missing tool", { load: [{ on: "target", tool: "stress", args: ["-c"] }] }, {}, /h2 has no stress: install/],
    ["equal host UUIDs", {}, { hostUuid: "h1" }, /same host UUID/],
    ["KVM on one side only", {}, { virtType: "kvm" }, /runs guests with qemu, h2 with kvm/],
    ["a pool that is too small", { guests: { count: 300 } }, {}, /254 addresses, 300 are needed/],
  ];
  for (const [name, params, target, reason] of skips)
    it(`skips, and says why: ${name}`, () => {
      const plan = planOf(params, target);
      assert.ok(plan.verdict === "skip");
      assert.match(plan.reason, reason);
    });

  it("lets no more migrate to one host at once than libvirt has ports for", () => {
    const verdict = (pattern: string, count: number, migration: object, concurrency?: number): string => {
      const movement = { pattern, ...(concurrency === undefined ? {} : { concurrency }) };
      const plan = planOf({ guests: { count }, movement, migration });
      return plan.verdict === "skip" ? plan.reason : "";
    };
    const tooMany = (atOnce: number, ports: number): string =>
      `${atOnce} migrations to one host at once need ${ports} ports, and libvirt has 64 for them: lower movement.concurrency`;
    assert.deepEqual(
      [
        verdict("simultaneous", 64, {}),
        verdict("simultaneous", 65, {}),
        verdict("simultaneous", 65, {}, 64),
        verdict("simultaneous", 65, { channel: "tunnelled", control: "p2p" }),
        verdict("cross", 128, {}),
        verdict("cross", 129, {}),
        verdict("orderly", 100, {}),
        verdict("simultaneous", 33, { copyStorage: "all" }),
      ],
      ["", tooMany(65, 65), "", "", "", tooMany(65, 65), "", tooMany(33, 66)],
    );
  });
  it("reckons with what QEMU needs beside a guest, and more of it where it emulates", () => {
    const [booting, guests] = [{ besides: 1 }, { count: 2, memory: "128MiB" }];
    const reason = (virtType: "kvm" | "qemu", freeMemoryMiB: number): string => {
      const hosts = [facts("h1", { virtType }), facts("h2", { virtType, freeMemoryMiB })] as const;
      const [plan] = makePlans([makeCase({ guests, booting })], { inventory, hosts, jobKey: "ab12cd3" });
      return plan?.verdict === "skip" ? plan.reason : "";
    };
    const told = (neededMiB: number): string =>
      `h2 has ${neededMiB - 1} MiB free, 3 guests of 128 MiB need ${neededMiB} MiB`;
    assert.deepEqual([reason("kvm", 671), reason("kvm", 672)], [told(672), ""]);
    assert.deepEqual([reason("qemu", 863), reason("qemu", 864)], [told(864), ""]);
  });
  it("reckons with what stress is to take its part of, on the host that is stressed", () => {
    const reason = (hosts: string, freeMemoryMiB: number): string => {
      const stress = { tool: "stress-ng", hosts, hostMemory: "half" };
      const plan = planOf({ guests: { memory: "128MiB" }, stress }, { freeMemoryMiB });
      return plan.verdict === "skip" ? plan.reason : "";
    };
    assert.deepEqual(
      [reason("target", 351), reason("target", 352), reason("source", 351)],
      [
        "h2 has 351 MiB free, 1 guests of 128 MiB need 352 MiB, 64 MiB of them for stress to take half of, or more",
        ...["", ""],
      ],
    );
  });
  it("takes the inventory's word for how guests are run", () => {
    const both = { inventory: { ...inventory, virtType: "qemu" as const }, jobKey: "ab12cd3" };
    const hosts = [facts("h1"), facts("h2", { virtType: "kvm" })] as const;
    assert.equal(makePlans([makeCase({})], { ...both, hosts })[0]?.verdict, "run");
  });

  it("tells all reasons at once", () => {
    const plan = planOf({ guests: { image: "nope", memory: "4GiB" } }, { freeMemoryMiB: 1, hostUuid: "h1" });
    assert.ok(plan.verdict === "skip");
    assert.equal(plan.reason.split("; ").filter((part) => /no image|MiB free|UUID/.test(part)).length, 3);
  });
});

describe("disks of a guest", () => {
  const served = inventorySchema.parse({
    ...inventory,
    storage: { kind: "directory", path: "/srv", iscsi: { portal: "h1", iqnPrefix: "iqn.2026-01.com.example:a" } },
    images: { disky: { ...image, disk: "base/x.qcow2" }, sata: { ...image, disk: "base/x.qcow2", diskBus: "sata" } },
  });
  const planned = (params: unknown, on = served): Plan =>
    makePlans([makeCase(params)], { inventory: on, hosts: [facts("h1"), facts("h2")], jobKey: "ab12cd3" })[0]!;
  const disksOf = (params: unknown): (readonly string[])[] => {
    const plan = planned(params);
    if (plan.verdict === "skip") assert.fail(plan.reason);
    const [guest] = plan.guests;
    const volumes = guest?.volumes ?? [];
    return [
      [guest?.disk ?? ""],
      ...volumes.map(({ name, serial, target, use, on }) => [name, serial, target, use, on]),
    ];
  };
  const disks = [{ use: "ephemeral" }, { use: "swap", on: "local" }];

  it("hang behind the clone that it boots from", () =>
    assert.deepEqual(disksOf({ guests: { image: "disky", disks } }), [
      ["ms-ab12cd3-001-g1.qcow2"],
      ["ms-ab12cd3-001-g1-d1", "d1", "vdb", "ephemeral", "nfs"],
      ["ms-ab12cd3-001-g1-d2", "d2", "vdc", "swap", "local"],
    ]));
  it("begin with a root disk of its own where it boots from a volume, which leaves vda free on another bus", () =>
    assert.deepEqual(disksOf({ guests: { image: "sata", boot: "volume", disks: [{ use: "swap", on: "iscsi" }] } }), [
      [""],
      ["ms-ab12cd3-001-g1-root", "root", "sda", "root", "iscsi"],
      ["ms-ab12cd3-001-g1-d1", "d1", "vda", "swap", "iscsi"],
    ]));
  it("are not those of guests that only boot", () => {
    const plan = planned({ guests: { image: "disky", disks }, booting: { besides: 1 } });
    assert.ok(plan.verdict === "run");
    assert.deepEqual(plan.booters[0]?.volumes, undefined);
  });
  it("are a reason to skip where nobody serves them", () => {
    const wanted = { guests: { image: "tiny", boot: "volume", disks: [{ use: "swap", on: "nbd" }, ...disks] } };
    const plan = planned(wanted, inventory);
    assert.ok(plan.verdict === "skip");
    for (const part of [/disks on nfs, and/, /disks on nbd, and/, /neither iscsi nor nbd/, /image tiny has no disk/])
      assert.match(plan.reason, part);
    const nbd = planned({ guests: { image: "disky", disks: [{ use: "swap", on: "nbd" }] } });
    assert.match(nbd.verdict === "skip" ? nbd.reason : "", /storage has no nbd/);
  });
  it("are told by plan, on the machine that makes them and on each host", () => {
    const plan = planned({ guests: { image: "disky", boot: "volume", localPool: true, disks } });
    assert.ok(plan.verdict === "run");
    const told = plan.steps.flatMap((step) => plannedActions(plan, step, served)).map(({ what }) => what);
    for (const part of ["-root (iscsi) from base/x.qcow2", "-d1 (nfs)", "-d2 of this host's own", "storage pool"])
      assert.ok(
        told.some((what) => what.includes(part)),
        `${part}: ${told.join("; ")}`,
      );
  });
});

describe("migrationLimitMs", () => {
  const limitOf = (given: unknown): number => {
    const params = paramsSchema.parse(given);
    return migrationLimitMs(params, everyOptions(params));
  };

  it("is the scenario's own limit, or its timeout and five minutes", () => {
    assert.equal(limitOf({ limits: { totalTime: "20s" } }), 20_000);
    assert.equal(limitOf({ migration: { timeout: "60s" } }), 360_000);
  });

  it("is the timeout itself where that gives the migration up, as it does with instances", () => {
    assert.equal(limitOf({ migration: { timeout: "60s", timeoutAction: "abort" } }), 60_000);
    assert.equal(limitOf({ guests: { metadata: {} } }), 180_000);
  });
});

describe("poolSize", () => {
  it("counts from the first address to the last before the broadcast address", () => {
    assert.equal(poolSize("198.18.1.1/24"), 254);
    assert.equal(poolSize("198.18.1.250/24"), 5);
    assert.equal(poolSize("198.18.1.255/24"), 0);
  });
});
