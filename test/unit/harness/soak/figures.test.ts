import assert from "node:assert/strict";
import { watchedFigures } from "../../../../harness/soak/figures.js";
import { readingsOf } from "../../../../harness/soak/look.js";
import type { LeakSample, Reading, WatchedFigure } from "../../../../lib/model/soak.js";

const sample = (pass: number, ...readings: Reading[]): LeakSample => ({
  pass,
  at: "2026-11-21T06:42:17.000Z",
  monoMs: pass * 60_000,
  readings,
  problems: [],
});
const files = (value: number, pid = 38): Reading => ({
  where: "h1",
  what: "libvirtd open files",
  unit: "count",
  value,
  pid,
});
const domains = (value: number): Reading => ({ where: "h1", what: "domains", unit: "count", value });

function passes(count: number, readings: (pass: number) => Reading[]): Map<string, WatchedFigure> {
  const figures = watchedFigures();
  for (let pass = 0; pass <= count; pass += 1) figures.take(sample(pass, ...readings(pass)));
  return new Map(figures.now().map((figure) => [figure.what, figure]));
}

describe("figures from pass to pass", () => {
  it("names the one that grows and not the other", () => {
    const told = passes(8, (pass) => [files(27 + 2 * pass), domains(0)]);
    const [leak, still] = [told.get("libvirtd open files"), told.get("domains")];
    assert.deepEqual([leak?.first, leak?.last, leak?.trend.word, leak?.trend.perPass], [27, 43, "grows", 2]);
    assert.deepEqual([Math.round(leak?.trend.perHour ?? 0), leak?.restarts], [120, 0]);
    assert.deepEqual([still?.first, still?.last, still?.trend.word, still?.trend.perPass], [0, 0, "steady", 0]);
  });

  it("does not compare what was before the first pass: nothing was warm", () => {
    const told = passes(5, (pass) => [files(27 + pass)]).get("libvirtd open files");
    assert.deepEqual([told?.first, told?.trend.passes, told?.trend.word], [27, 5, "too-few"]);
  });

  it("does not compare one process with another", () => {
    const told = passes(12, (pass) => [files(27 + (pass % 7) * 5, pass < 7 ? 38 : 99)]).get("libvirtd open files");
    assert.deepEqual([told?.restarts, told?.trend.passes], [1, 6]);
    assert.equal(told?.last, 27 + 25);
  });

  it("looks at every pass of a process that began late", () => {
    const late = (pass: number): Reading => files(27 + Math.max(0, pass - 6000), pass < 6000 ? 38 : 99);
    const told = passes(6020, (pass) => [late(pass)]).get("libvirtd open files");
    assert.deepEqual([told?.restarts, told?.trend.passes, told?.trend.word], [1, 16, "grows"]);
  });

  it("takes a host that could not be looked at for a gap, not for zero", () => {
    const told = passes(10, (pass) => (pass === 5 ? [] : [domains(3)])).get("domains");
    assert.deepEqual([told?.trend.passes, told?.trend.word, told?.last], [7, "steady", 3]);
  });

  it("still tells after ten thousand passes, from a few hundred points", () => {
    const told = passes(10_000, (pass) => [files(27 + Math.floor(pass / 100)), domains(0)]).get("libvirtd open files");
    assert.ok(told !== undefined && told.trend.passes <= 400 && told.trend.passes > 100, String(told?.trend.passes));
    assert.equal(told.trend.word, "grows");
    assert.ok(Math.abs((told.trend.perPass ?? 0) - 0.01) < 0.0005);
  });
});

describe("readings of a host", () => {
  it("leave out what could not be read", () => {
    const readings = readingsOf("h1", {
      domains: 2,
      qemuProcesses: 1,
      processes: 41,
      daemons: [{ name: "virtqemud", pid: 7, residentKiB: 30_000 }],
    });
    assert.deepEqual(
      readings.map(({ what, value, pid }) => [what, value, pid]),
      [
        ["virtqemud memory", 30_000, 7],
        ["domains", 2, undefined],
        ["QEMU processes", 1, undefined],
        ["processes", 41, undefined],
      ],
    );
  });
});
