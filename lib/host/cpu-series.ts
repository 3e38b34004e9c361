import type { CpuSeries } from "../model/cpu-series.js";
import { addPoint, MAX_POINTS } from "../model/points.js";
import { type CpuReading, type ProcessCpu, processKey } from "./cpu-readings.js";

/** Gathers a host's readings for the report, in bounded memory. */
export interface CpuGathering {
  readonly take: (reading: CpuReading) => void;
  readonly series: () => CpuSeries[];
}

/** More guests than this on one host get no series of their own. */
const MAX_SERIES = 200;

/** /proc rounds both clocks down to a tick. */
const ROUNDING_S = 0.02;

/** @param nowMs milliseconds since the job started: the first reading is put there, the others by the host's own clock */
export function gatherCpu(host: string, nowMs: () => number, maxPoints = MAX_POINTS): CpuGathering {
  let first: { readonly upS: number; readonly atMs: number; readonly busyS: number } | undefined;
  let last = new Map<string, number>();
  const spent = new Map<string, number>();
  const points = new Map<string, (readonly [ms: number, cpuS: number])[]>();

  const add = (name: string, ms: number, cpuS: number): void => {
    if (!points.has(name) && points.size >= MAX_SERIES) return;
    const point = [Math.round(ms), Math.round(cpuS * 100) / 100] as const;
    points.set(name, addPoint(points.get(name) ?? [], point, maxPoints));
  };

  return {
    take: ({ upS, busyS, processes }) => {
      first ??= { upS, atMs: nowMs(), busyS };
      const ms = first.atMs + (upS - first.upS) * 1000;
      const now = new Map(processes.map((one) => [processKey(one), one.cpuS]));
      const seen = new Set<string>();
      for (const one of processes) {
        const name = seriesName(one);
        const before = last.get(processKey(one)) ?? (one.startS >= first.upS - ROUNDING_S ? 0 : one.cpuS);
        spent.set(name, (spent.get(name) ?? 0) + Math.max(0, one.cpuS - before));
        seen.add(name);
      }
      last = now;
      add("host", ms, busyS - first.busyS);
      for (const name of seen) add(name, ms, spent.get(name) ?? 0);
    },
    series: () => [...points].map(([process, list]) => ({ host, process, points: list })),
  };
}

const seriesName = ({ kind, name }: ProcessCpu): string => (kind === "daemon" ? "libvirt" : `qemu ${name}`);
