import type { PathEvidence } from "../../lib/model/check.js";
import type { ClassSeries } from "../../lib/model/class-series.js";
import type { CpuSeries } from "../../lib/model/cpu-series.js";
import type { CaptureEvidence, CapturePoint } from "../../lib/model/path.js";
import type { ChartSpec, Line } from "../html/line-chart.js";
import { widthOf } from "./series-width.js";

const MIB = 2 ** 20;

/** What of the evidence of a path can be drawn over time, host by host. */
export const pathCharts = ({ captures, cpu, classes }: PathEvidence): ChartSpec[] => [
  ...captures.map(portChart),
  ...hostsOf(cpu).map((host) => cpuChart(host, cpu)),
  ...hostsOf(classes).map((host) => classChart(host, classes)),
];

const hostsOf = (series: readonly { readonly host: string }[]): string[] => [
  ...new Set(series.map(({ host }) => host)),
];

/** Each packet once: on the interfaces that the host itself sends and receives on. Nothing, where nobody knows when it was. */
function portChart({ host, series, startMs, stackInterfaces }: CaptureEvidence): ChartSpec {
  const own = series.filter((point) => stackInterfaces?.includes(point.interface) ?? true);
  const widthS = widthOf(series);
  const kinds = [...new Set(own.map(({ group, direction }) => `${group} ${direction}`))].sort();
  const title = `${host}: bytes on the ports, MiB/s`;
  if (startMs === undefined) return { title, lines: [] };
  const lines = kinds.map((kind) => ({
    name: kind,
    points: ratesOf(
      own.filter(({ group, direction }) => `${group} ${direction}` === kind),
      startMs,
      widthS,
    ),
  }));
  return { title, lines };
}

/** A second in which there was nothing has no point: then the rate was 0. */
function ratesOf(points: readonly CapturePoint[], startMs: number, widthS: number): Line["points"] {
  const bytes = new Map<number, number>();
  for (const point of points) bytes.set(point.second, (bytes.get(point.second) ?? 0) + point.bytes);
  const rates: [number, number][] = [];
  for (const second of [...bytes.keys()].sort((a, b) => a - b)) {
    const [lastMs] = rates.at(-1) ?? [startMs];
    const atMs = startMs + second * 1000;
    if (rates.length === 0) rates.push([startMs, 0]);
    else if (lastMs >= atMs) rates.pop();
    rates.push([atMs, (bytes.get(second) ?? 0) / MIB / widthS], [atMs + widthS * 1000, 0]);
  }
  return rates;
}

/** 100 % is one core. The whole host is left out: beside it libvirt's daemons could not be seen. */
const cpuChart = (host: string, cpu: readonly CpuSeries[]): ChartSpec => ({
  title: `${host}: CPU, % of one core`,
  lines: cpu
    .filter((series) => series.host === host && series.process !== "host")
    .sort((a, b) => Number(b.process === "libvirt") - Number(a.process === "libvirt"))
    .map(({ process, points }) => ({ name: process, points: gains(points, (gainS, ms) => (gainS / ms) * 100_000) })),
});

const classChart = (host: string, classes: readonly ClassSeries[]): ChartSpec => ({
  title: `${host}: classes of traffic, Mbit/s`,
  lines: classes
    .filter((series) => series.host === host)
    .map(({ id, rateMbps, ceilMbps, points }) => ({
      name: [id, ...limit("rate", rateMbps), ...limit("ceil", ceilMbps)].join(" "),
      points: gains(
        points.map(([ms, bytes]) => [ms, bytes] as const),
        (bytes, ms) => (bytes * 8) / 1000 / ms,
      ),
    })),
});

const limit = (word: string, mbps: number | undefined): string[] => (mbps === undefined ? [] : [`${word} ${mbps}`]);

/** What a value that only grows did from point to point; where it fell, it was begun anew and nothing is known. */
function gains(
  points: readonly (readonly [ms: number, value: number])[],
  rate: (gain: number, ms: number) => number,
): Line["points"] {
  const rates = points.slice(1).map(([ms, value], index): [number, number | null] => {
    const [beforeMs, before] = points[index] ?? [ms, value];
    return [beforeMs, ms > beforeMs && value >= before ? rate(value - before, ms - beforeMs) : null];
  });
  const [endMs] = points.at(-1) ?? [0];
  return rates.some(([, value]) => value !== null) ? [...rates, [endMs, null]] : [];
}
