import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { CaseContext } from "../../harness/engine/context.js";
import { readCpu, startCpuSampler } from "../../lib/host/cpu.js";
import { cpuGainOf, openCpuMeter, takeCpu, unseenS } from "../../lib/host/cpu-gain.js";
import type { CpuReading } from "../../lib/host/cpu-readings.js";
import { type CpuGathering, gatherCpu } from "../../lib/host/cpu-series.js";
import { virsh } from "../../lib/libvirt/virsh.js";
import { classGain, hasBorrowed, meanMbps } from "../../lib/model/class-series.js";
import type { HostChange } from "../../lib/model/command.js";
import { daemonsPerGiB } from "../../lib/model/cpu-series.js";
import type { Host } from "../../lib/model/inventory.js";
import type { CpuGain } from "../../lib/model/path.js";
import { classes as classesSchema } from "../../lib/model/probe-params.js";
import { type ClassReading, gatherClasses, readClasses, startClassSampler } from "../../lib/net/class-samples.js";
import { classTree } from "../../lib/net/traffic-classes.js";
import { until } from "../../lib/poll.js";
import type { Remote } from "../../lib/transport/transport.js";
import { benchParams, withGuests } from "../bench/bench-guests.js";
import { on, type TestLab, testLab } from "../support/lab-job.js";
import { needsRoot } from "../support/needs.js";

const KEY = "cla55e5";
const FOLDER = `/run/migstorm/job-${KEY}`;
/** 100 Mbit/s for the migration, 200 for whatever no filter takes, of 400. */
const SMALL = { on: "management", link: 400 };

describe("classes for traffic and CPU sampling in a real lab", function () {
  this.timeout(300_000);
  let lab: TestLab;
  let hosts: readonly [Host, Host];
  let queuesBefore: string;

  before(async () => {
    needsRoot();
    lab = await testLab();
    const [first, second] = lab.inventory.hosts;
    assert.ok(first !== undefined && second !== undefined);
    hosts = [first, second];
    queuesBefore = await queues();
    for (const remote of [lab.source, lab.target]) {
      await on(remote, `mkdir -p ${FOLDER}; iptables -I INPUT -p tcp --dport 49152:49215 -j ACCEPT`);
    }
  });
  after(() => lab.down());

  const queues = async (): Promise<string> =>
    // Not those of guests, which come and go: libvirt gives them a handle of its own.
    (
      await Promise.all([lab.source, lab.target].map((remote) => on(remote, "tc qdisc show | grep -v ' dev vnet'")))
    ).join("== next\n");
  const treesOf = (settings: object) => {
    const parsed = classesSchema.parse(settings);
    return Promise.all([
      classTree(lab.source.run, hosts[1], parsed, KEY),
      classTree(lab.target.run, hosts[0], parsed, KEY),
    ]);
  };
  const done = async (remote: Remote, command: HostChange["apply"]): Promise<void> => {
    const { exitCode, stderr } = await remote.run(command);
    assert.equal(exitCode, 0, stderr);
  };

  /** With a tree on both hosts, which is taken away again twice and leaves nothing. */
  async function withTrees(settings: object, work: (device: string) => Promise<void>): Promise<void> {
    const trees = await treesOf(settings);
    assert.deepEqual(
      trees.map((tree) => tree.interface),
      ["br0", "br0"],
    );
    const remotes = [lab.source, lab.target];
    try {
      for (const [index, remote] of remotes.entries()) await done(remote, trees[index]!.change.apply);
      assert.equal((await queues()).match(/qdisc htb 1: dev br0 root/g)?.length, 2);
      await work("br0");
    } finally {
      for (const _ of ["once", "again"])
        for (const [index, remote] of remotes.entries()) await done(remote, trees[index]!.change.undo);
    }
    assert.equal(await queues(), queuesBefore);
    assert.equal(await on(lab.source, `ls ${FOLDER}`), "");
  }

  /** What the source's classes gained while `work` went on. */
  async function gains(device: string, work: () => Promise<unknown>) {
    const before = await readClasses(lab.source.run, device);
    await work();
    const after = await readClasses(lab.source.run, device);
    return (id: string) => gainOf(before, after, id);
  }
  const gainOf = (before: ClassReading, after: ClassReading, id: string) => {
    const [from, to] = [before, after].map(({ classes }) => classes.find((one) => one.id === id));
    assert.ok(from !== undefined && to !== undefined, id);
    const gain = classGain(from, to, (after.upS - before.upS) * 1000);
    assert.ok(gain !== undefined);
    return gain;
  };

  /** Sends zeros from the source to a port of the target for some seconds. */
  async function send(ports: readonly number[], seconds: number): Promise<void> {
    const target = await on(lab.target, "ip -o -4 addr show br0 | awk '{ print $4 }' | cut -d/ -f1");
    const sinks = await Promise.all(
      ports.map((port) =>
        lab.target.start({ file: "busybox", args: ["nc", "-l", "-p", String(port), "-e", "cat"] }, () => undefined),
      ),
    );
    const listening = async (): Promise<boolean> => {
      const sockets = await on(lab.target, "ss -Hltn | awk '{ print $4 }'");
      return ports.every((port) => sockets.includes(`:${port}\n`));
    };
    await until(listening, { everyMs: 50, timeoutMs: 5_000, what: "the sinks to listen" });
    const script = `for port; do timeout ${seconds} busybox nc "$host" "$port" </dev/zero >/dev/null & done; wait`;
    await on(lab.source, `host=${target.trim()}; ${script}`, ...ports.map(String));
    await Promise.all(sinks.map((sink) => sink.stop()));
  }

  it("puts what goes to the migration ports into 1:30, where it borrows as long as it is alone", () =>
    withTrees(SMALL, async (device) => {
      const gain = await gains(device, () => send([49_152], 3));
      const migration = gain("1:30");
      const rate = meanMbps(migration) ?? 0;
      assert.ok(rate > 150 && rate < 420, `${rate} Mbit/s`);
      assert.ok(hasBorrowed(migration));
      assert.ok(gain("1:10").bytes < migration.bytes / 100, JSON.stringify(gain("1:10")));
      assert.equal(gain("1:20").packets, 0);
    }));
  it("keeps each class its guarantee when both want more", () =>
    withTrees(SMALL, async (device) => {
      const gain = await gains(device, () => send([49_215, 5_001], 4));
      const [migration, other] = ["1:30", "1:10"].map((id) => meanMbps(gain(id)) ?? 0);
      // Starting and ending take their part of the time that is measured.
      assert.ok(migration! > 70 && migration! < 250, `1:30: ${migration} Mbit/s`);
      assert.ok(other! > 140, `1:10: ${other} Mbit/s`);
    }));
  it("takes the port behind the range, and storage, for what they are", () =>
    withTrees(SMALL, async (device) => {
      const gain = await gains(device, () => send([49_216, 10_809], 1));
      assert.equal(gain("1:30").packets, 0);
      assert.ok(gain("1:10").bytes > 1e6);
      assert.ok(gain("1:20").bytes > 1e6);
    }));
  it("lets nothing be borrowed where ceil is the rate", () =>
    withTrees({ ...SMALL, migration: { rate: 100, ceil: 100 } }, async (device) => {
      const gain = (await gains(device, () => send([49_152], 3)))("1:30");
      assert.equal(hasBorrowed(gain), false);
      const rate = meanMbps(gain) ?? 0;
      assert.ok(rate > 60 && rate < 110, `${rate} Mbit/s`);
    }));
  it("has nothing in 1:30 without filters", () =>
    withTrees({ ...SMALL, filters: false }, async (device) => {
      const gain = await gains(device, () => send([49_152], 1));
      assert.equal(gain("1:30").packets, 0);
      assert.ok(gain("1:10").bytes > 1e6);
    }));
  it("goes by the migration address where it is told to", async () => {
    const [tree] = await treesOf({ on: "migration" });
    assert.equal(tree.interface, "eth1");
  });
  it("refuses an interface whose queue somebody has set, then and later, and leaves it alone", async () => {
    const [tree] = await treesOf(SMALL);
    await on(lab.source, "tc qdisc add dev br0 root handle 1: htb default 7");
    try {
      await assert.rejects(treesOf(SMALL), /br0 has a queueing discipline of its own \(htb 1:\)/);
      const { exitCode, stderr } = await lab.source.run(tree.change.apply);
      assert.equal(exitCode, 1);
      assert.match(stderr, /discipline of its own/);
      await done(lab.source, tree.change.undo);
      assert.match(await on(lab.source, "tc qdisc show dev br0"), /htb 1: root/);
    } finally {
      await on(lab.source, "tc qdisc del dev br0 root");
    }
    assert.equal(await queues(), queuesBefore);
  });

  describe("with a guest that migrates", () => {
    const withGuest = (work: (ctx: CaseContext, guest: string) => Promise<void>): Promise<void> => {
      const job = {
        ...{ jobId: "classes", jobKey: "cla55e6", token: randomUUID(), version: "test", argv: [], seed: 1 },
        ...{ startedAt: new Date().toISOString(), inventory: lab.inventory, lab: lab.name },
        hosts: [hosts[0].name, hosts[1].name] as const,
      };
      return withGuests(job, lab.folder, benchParams(1), (ctx) => work(ctx, ctx.plan.guests[0]!.name));
    };
    let place = 0;
    async function migrate(guest: string, isTunnelled: boolean): Promise<void> {
      const [from, to] = place === 0 ? [lab.source, hosts[1]] : [lab.target, hosts[0]];
      const channel = isTunnelled ? ["--tunnelled"] : ["--migrateuri", `tcp://${to.name}`];
      const options = ["--live", "--p2p", "--persistent", "--undefinesource", ...channel];
      const command = virsh("qemu:///system", "migrate", ...options, "--domain", guest, "--desturi", to.peerUri);
      const { exitCode, stderr } = await from.run({ ...command, timeoutMs: 120_000 });
      assert.equal(exitCode, 0, stderr);
      place = 1 - place;
    }

    it("has both channels of a migration in 1:30, and none of the guest's own frames", () =>
      withGuest((ctx, guest) =>
        withTrees(SMALL, async (device) => {
          place = 0;
          const readings: ClassReading[] = [];
          const gathering = gatherClasses(hosts[0].name, device, ctx.nowMs);
          const sampler = await startClassSampler(lab.source, device, (reading) => {
            readings.push(reading);
            gathering.take(reading);
          });
          for (const isTunnelled of [false, true]) {
            const gain = await gains(device, () => migrate(guest, isTunnelled));
            assert.ok(gain("1:30").bytes > 50e6, JSON.stringify(gain("1:30")));
            assert.ok(gain("1:10").bytes < gain("1:30").bytes / 20, JSON.stringify(gain("1:10")));
            assert.ok(hasBorrowed(gain("1:30")));
            if (!isTunnelled) await migrate(guest, isTunnelled);
          }
          await migrate(guest, false);
          const address = [...ctx.state.guests.values()][0]?.address ?? "";
          const own = await gains(device, () =>
            ctx.observer.run({ file: "ping", args: ["-c500", "-i0.002", "-s1400", "-q", address], timeoutMs: 30_000 }),
          );
          assert.ok(own("1:1").bytes < 100_000, `${own("1:1").bytes} bytes of 700 kB`);
          await sampler.stop();
          const apart = readings.slice(1).map(({ upS }, index) => upS - readings[index]!.upS);
          assert.ok(apart.length >= 2 && apart.every((s) => s < 2), String(apart));
          const series = gathering.series().find(({ id }) => id === "1:30");
          assert.deepEqual([series?.rateMbps, series?.ceilMbps, series?.interface], [100, 400, "br0"]);
          assert.equal(series?.points.length, readings.length);
        }),
      ));

    /** A migration with the sampler on both hosts: what it cost each, and for how long its old QEMU was not seen. */
    async function measured(guest: string, isTunnelled: boolean, gathering: CpuGathering) {
      const remotes = [lab.source, lab.target] as const;
      const meters = await Promise.all(remotes.map(async ({ run }) => openCpuMeter(await readCpu(run))));
      const take = (index: number, reading: CpuReading): void => {
        meters[index] = takeCpu(meters[index]!, reading);
        if (index === 0) gathering.take(reading);
      };
      const samplers = await Promise.all(
        remotes.map((remote, index) => startCpuSampler(remote, (reading) => take(index, reading))),
      );
      await migrate(guest, isTunnelled);
      const ends = await Promise.all(remotes.map(({ run }) => readCpu(run)));
      await Promise.all(samplers.map((sampler) => sampler.stop()));
      const gains = hosts.map(({ name }, index) => cpuGainOf(name, meters[index]!, ends[index]!));
      const unseen = meters.flatMap((meter, index) => Object.values(unseenS(meter, ends[index]!)));
      return { gains, unseen };
    }

    /** One that moves within a single sample spends everything unseen: its QEMU is there then, with 0. */
    function checked(gain: CpuGain | undefined, guest: string): number {
      assert.ok(gain !== undefined && gain.wallS > 0 && gain.busyS > 0, JSON.stringify(gain));
      const { [guest]: qemuS } = gain.guestsS;
      assert.ok(qemuS !== undefined, `the QEMU on ${gain.host}: ${JSON.stringify(gain)}`);
      return qemuS;
    }

    it("shows more CPU of libvirtd for a tunnelled migration than for a native one, and the guest's QEMU", () =>
      withGuest(async (ctx, guest) => {
        place = 0;
        const spent: Record<"native" | "tunnelled", number[]> = { native: [], tunnelled: [] };
        const qemuS: number[] = [];
        const gathering = gatherCpu(hosts[0].name, ctx.nowMs);
        // An odd number of them in a round, so that each channel goes both ways.
        for (const channel of Array.from({ length: 4 }, () => ["native", "tunnelled", "native"] as const).flat()) {
          const { gains, unseen } = await measured(guest, channel === "tunnelled", gathering);
          qemuS.push(...gains.map((gain) => checked(gain, guest)));
          // The old QEMU went, and was seen until shortly before.
          assert.ok(unseen.length === 1 && unseen[0]! > 0 && unseen[0]! < 2, `unseen for ${unseen} s`);
          spent[channel].push(daemonsPerGiB(gains, 97e6) ?? Number.NaN);
        }
        assert.ok(median(qemuS) > 0, JSON.stringify(qemuS));
        assert.ok(median(spent.tunnelled) > 1.5 * median(spent.native), JSON.stringify(spent));
        const names = gathering.series().map(({ process }) => process);
        assert.deepEqual(names.sort(), ["host", "libvirt", `qemu ${guest}`]);
      }));
  });
});

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
