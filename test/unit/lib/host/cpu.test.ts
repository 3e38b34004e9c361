import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCpu, startCpuSampler } from "../../../../lib/host/cpu.js";
import { cpuGainOf, openCpuMeter, takeCpu, unseenS } from "../../../../lib/host/cpu-gain.js";
import { type CpuReading, type ProcessCpu, parseCpuLine } from "../../../../lib/host/cpu-readings.js";
import { gatherCpu } from "../../../../lib/host/cpu-series.js";
import { startTopLog, topCommand } from "../../../../lib/host/top-log.js";
import { until } from "../../../../lib/poll.js";
import { openLocal } from "../../../../lib/transport/local-remote.js";
import { fixture } from "../../../support/fixture.js";

const recorded = fixture("proc-linux-6.18/cpu-lines.txt")
  .split("\n")
  .flatMap((line) => parseCpuLine(line) ?? []);

const reading = (upS: number, busyS: number, ...processes: ProcessCpu[]): CpuReading => ({ upS, busyS, processes });
const daemon = (cpuS: number, pid = 7, name = "libvirtd"): ProcessCpu => ({
  kind: "daemon",
  name,
  pid,
  startS: 1,
  cpuS,
});
const qemu = (cpuS: number, pid = 20, startS = 50, name = "g1"): ProcessCpu => ({
  kind: "guest",
  name,
  pid,
  startS,
  cpuS,
});

describe("lines of the CPU sampler", () => {
  it("are read from a real migration, in which one QEMU of the guest vanishes", () => {
    assert.equal(recorded.length, 6);
    assert.deepEqual([recorded[0]?.upS, recorded[0]?.busyS], [24195.91, 24854]);
    const pids = recorded.map(({ processes }) =>
      processes.filter(({ name }) => name === "ms-cla55e6-001-g1").map(({ pid }) => pid),
    );
    assert.deepEqual(pids, [[3019, 3394], [3019, 3394], [3019, 3394], [3394], [3394], [3394]]);
    assert.deepEqual(recorded[0]?.processes.at(-1), {
      kind: "daemon",
      name: "libvirtd",
      pid: 6904,
      startS: 23570.85,
      cpuS: 3.19,
    });
  });
  it("are nothing when they are cut off at the head, and lose a process that is cut off", () => {
    for (const line of ["", "cpu", "cpu 12.5", "cpu x 5", "cpu 12.5 -5", "CPU 12.5 5", "cpu 1e9 5"])
      assert.equal(parseCpuLine(line), undefined, line);
    const line = "cpu 12.50 500 daemon:libvirtd 7 100 5 6 guest:g1 20 200 x 1 guest:a,b 21 1 1 1 guest:g2 22 300 1";
    assert.deepEqual(parseCpuLine(line)?.processes, [
      { kind: "daemon", name: "libvirtd", pid: 7, startS: 1, cpuS: 0.11 },
    ]);
  });
});

describe("CPU of a leg", () => {
  const begin = reading(100, 1000, daemon(5), qemu(10));

  it("is the difference between its beginning and its end", () =>
    assert.deepEqual(cpuGainOf("h1", openCpuMeter(begin), reading(104, 1006, daemon(5.5), qemu(13))), {
      host: "h1",
      wallS: 4,
      busyS: 6,
      daemonsS: 0.5,
      guestsS: { g1: 3 },
    }));
  it("adds the daemons up, one that was started anew as well", () => {
    const before = reading(100, 0, daemon(5, 7, "virtqemud"), daemon(2, 8, "virtproxyd"));
    const meter = takeCpu(openCpuMeter(before), reading(101, 1, daemon(6, 7, "virtqemud")));
    const anew: ProcessCpu = { kind: "daemon", name: "virtproxyd", pid: 9, startS: 101.5, cpuS: 0.25 };
    assert.equal(cpuGainOf("h1", meter, reading(102, 2, daemon(6.5, 7, "virtqemud"), anew))?.daemonsS, 1.75);
  });
  it("has all of a QEMU that came, and of one that went what was seen last, with what can be missing", () => {
    let meter = openCpuMeter(begin);
    meter = takeCpu(meter, reading(100.4, 1001, daemon(5), qemu(10.3), qemu(0.1, 30, 100.2, "g2")));
    meter = takeCpu(meter, reading(100.8, 1001, daemon(5), qemu(0.4, 30, 100.2, "g2")));
    const end = reading(103, 1004, daemon(5.1), qemu(2, 30, 100.2, "g2"));
    assert.deepEqual(cpuGainOf("h1", meter, end)?.guestsS, { g1: 0.3, g2: 2 });
    assert.deepEqual(unseenS(meter, end), { g1: 0.4 });
    assert.deepEqual(unseenS(openCpuMeter(begin), end), { g1: 3 });
  });
  it("tells processes apart that have the same number one after the other", () => {
    const meter = takeCpu(openCpuMeter(begin), reading(100.5, 1000, daemon(5), qemu(10.5)));
    const end = reading(101, 1000, daemon(5), qemu(0.25, 20, 100.6));
    assert.equal(cpuGainOf("h1", meter, end)?.guestsS.g1, 0.75);
  });
  it("counts one that was overlooked at the beginning from when it was first seen", () => {
    const meter = takeCpu(openCpuMeter(reading(100, 0, daemon(5))), reading(101, 0, daemon(5), qemu(80)));
    assert.deepEqual(cpuGainOf("h1", meter, reading(102, 0, daemon(5), qemu(81)))?.guestsS, { g1: 1 });
  });
  it("is not led astray by readings of before, or that came too late", () => {
    let meter = takeCpu(openCpuMeter(begin), reading(99, 990, daemon(1), qemu(1)));
    meter = takeCpu(takeCpu(meter, reading(101, 1001, daemon(6), qemu(11))), reading(100.5, 1000, daemon(5.2)));
    assert.deepEqual(unseenS(meter, reading(102, 1002, daemon(6), qemu(12))), {});
    assert.equal(cpuGainOf("h1", meter, reading(102, 1002, daemon(6), qemu(12)))?.guestsS.g1, 2);
  });
  it("is unknown, and not 0, where no daemon was seen", () =>
    assert.equal(cpuGainOf("h1", openCpuMeter(reading(1, 0)), reading(2, 1, qemu(1, 9, 1))), undefined));
});

describe("CPU over time", () => {
  it("adds up daemons and what one guest's QEMUs spent, from when they were first seen", () => {
    const gathering = gatherCpu("h1", () => 2_000);
    gathering.take(reading(100, 1000, daemon(5), daemon(1, 8, "virtproxyd"), qemu(10)));
    gathering.take(reading(100.5, 1001, daemon(5.5), daemon(1.25, 8, "virtproxyd"), qemu(10.4), qemu(0.1, 30, 100.2)));
    gathering.take(reading(101, 1002, daemon(6), daemon(1.25, 8, "virtproxyd"), qemu(0.2, 30, 100.2)));
    assert.deepEqual(Object.fromEntries(gathering.series().map(({ process, points }) => [process, points])), {
      host: [
        [2000, 0],
        [2500, 1],
        [3000, 2],
      ],
      libvirt: [
        [2000, 0],
        [2500, 0.75],
        [3000, 1.25],
      ],
      "qemu g1": [
        [2000, 0],
        [2500, 0.5],
        [3000, 0.6],
      ],
    });
  });
  it("stays small however long it lasts", () => {
    const gathering = gatherCpu("h1", () => 0, 50);
    for (let index = 0; index <= 2_000; index += 1) gathering.take(reading(index, index, daemon(index / 10)));
    const [host, libvirt] = gathering.series();
    assert.ok(host!.points.length <= 50 && host!.points.length >= 25, String(host!.points.length));
    assert.deepEqual(
      [host!.points[0], host!.points.at(-1)],
      [
        [0, 0],
        [2_000_000, 2_000],
      ],
    );
    assert.deepEqual(libvirt!.points.at(-1), [2_000_000, 200]);
  });
});

describe("the CPU sampler on this machine", () => {
  const here = openLocal("here");

  it("reads once, and more often than every half second until it is stopped", async () => {
    const once = await readCpu(here.run);
    assert.ok(once.upS > 0 && once.busyS > 0);
    const readings: CpuReading[] = [];
    const running = await startCpuSampler(here, (one) => readings.push(one));
    await until(async () => readings.length >= 3, { everyMs: 10, timeoutMs: 10_000, what: "three readings" });
    await running.stop();
    const [first, second] = readings;
    assert.ok(first!.upS >= once.upS && second!.upS > first!.upS);
    const count = readings.length;
    await running.ended;
    assert.equal(readings.length, count);
  });
  it("is refused where the host does not say", () =>
    assert.rejects(
      readCpu(async (command) => ({ command, host: "h1", exitCode: 0, stdout: "cpu", stderr: "", durationMs: 1 })),
      /h1: cannot read the CPU time/,
    ));
});

describe("the log of top", () => {
  it("takes the daemons first, and no more than top does", () => {
    const many = Array.from({ length: 30 }, (_, index) => qemu(1, index + 100));
    assert.deepEqual(topCommand([1, 2]).args.slice(-2), ["-p", "1,2"]);
    let asked: readonly string[] = [];
    const remote = {
      ...openLocal("here"),
      start: async ({ args }: { readonly args: readonly string[] }) => {
        asked = args;
        throw new Error("no");
      },
    };
    return assert
      .rejects(startTopLog(remote, reading(1, 1, ...many, daemon(1)), { path: "/dev/null" }), /no/)
      .then(() => assert.deepEqual([asked.at(-1)?.split(",").length, asked.at(-1)?.split(",")[0]], [20, "7"]));
  });
  it("writes what top prints until the file is full, and says so", async () => {
    const folder = await mkdtemp(join(tmpdir(), "migstorm-top-"));
    try {
      const path = join(folder, "top.txt");
      const log = await startTopLog(openLocal("here"), reading(1, 1, daemon(1, process.pid)), { path, maxBytes: 200 });
      const text = (): Promise<string> => readFile(path, "utf8").catch(() => "");
      const isFull = async (): Promise<boolean> => (await text()).includes("[cut after 200 bytes]\n");
      await until(isFull, { everyMs: 20, timeoutMs: 10_000, what: "the file to be full" });
      assert.equal(await log.stop(), undefined);
      assert.ok((await text()).startsWith("top - "));
      assert.ok((await text()).length < 250);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  it("says why there is none", async () => {
    const log = await startTopLog(openLocal("here"), reading(1, 1), { path: "/nowhere/top.txt" });
    assert.match((await log.stop()) ?? "", /no process/);
    const lost = await startTopLog(openLocal("here"), reading(1, 1, daemon(1, process.pid)), {
      path: "/nowhere/top.txt",
    });
    assert.match((await lost.stop()) ?? "", /ENOENT/);
  });
});
