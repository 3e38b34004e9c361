import type { CpuGain } from "../model/path.js";
import { type CpuReading, type ProcessCpu, processKey } from "./cpu-readings.js";

/** What was seen of a host's processes since a leg began: no more than each one's first and last reading. */
export interface CpuMeter {
  readonly begin: CpuReading;
  readonly seen: ReadonlyMap<string, Seen>;
}

interface Seen {
  /** CPU seconds that do not belong to the leg. */
  readonly baseS: number;
  readonly last: ProcessCpu;
  readonly lastUpS: number;
  /** Uptime of the first reading that no longer had it. */
  readonly goneUpS?: number;
}

export const openCpuMeter = (begin: CpuReading): CpuMeter => ({
  begin,
  seen: new Map(
    begin.processes.map((one) => [processKey(one), { baseS: one.cpuS, last: one, lastUpS: begin.upS }] as const),
  ),
});

/** Takes a reading of the lasting sampler. One from before the leg, or that was overtaken by a later one, changes nothing. */
export function takeCpu(meter: CpuMeter, { upS, processes }: CpuReading): CpuMeter {
  if (upS < meter.begin.upS) return meter;
  const here = new Map(processes.map((one) => [processKey(one), one] as const));
  const seen = new Map([...meter.seen].map(([key, known]) => [key, seenAgain(known, here.get(key), upS)] as const));
  for (const [key, one] of here)
    if (!seen.has(key)) seen.set(key, { baseS: baseOf(meter, one), last: one, lastUpS: upS });
  return { ...meter, seen };
}

function seenAgain(known: Seen, now: ProcessCpu | undefined, upS: number): Seen {
  if (upS < known.lastUpS) return known;
  const { goneUpS = upS, ...rest } = known;
  return now === undefined ? { ...rest, goneUpS } : { baseS: known.baseS, last: now, lastUpS: upS };
}

/** /proc rounds both clocks down to a tick. */
const ROUNDING_S = 0.02;

/** Who was started within the leg has spent everything in it; who was overlooked at its beginning counts from now on. */
const baseOf = ({ begin }: CpuMeter, { startS, cpuS }: ProcessCpu): number =>
  startS >= begin.upS - ROUNDING_S ? 0 : cpuS;

/**
 * What a host's processes spent between a leg's beginning and its end. A QEMU that came counts from its start, one that went
 * with what it had spent when it was last seen: see `unseenS`.
 * @returns undefined when none of libvirt's daemons was seen: nothing is known of them then, and that is not 0
 */
export function cpuGainOf(host: string, meter: CpuMeter, end: CpuReading): CpuGain | undefined {
  const seen = [...takeCpu(meter, end).seen.values()];
  const spent = seen.map(({ baseS, last }) => ({ ...last, cpuS: Math.max(0, last.cpuS - baseS) }));
  const daemons = spent.filter(({ kind }) => kind === "daemon");
  if (daemons.length === 0) return undefined;
  const guests = new Map<string, number>();
  for (const { kind, name, cpuS } of spent)
    if (kind === "guest") guests.set(name, hundredths((guests.get(name) ?? 0) + cpuS));
  return {
    host,
    wallS: hundredths(end.upS - meter.begin.upS),
    busyS: hundredths(end.busyS - meter.begin.busyS),
    daemonsS: hundredths(daemons.reduce((sum, { cpuS }) => sum + cpuS, 0)),
    guestsS: Object.fromEntries(guests),
  };
}

/**
 * For how long each guest's QEMU that is gone may have run unseen: from its last reading to the first one without it, about
 * 0.45 s with the lasting sampler. So much on each CPU that its threads had can be missing from `guestsS`, at most.
 */
export function unseenS(meter: CpuMeter, end: CpuReading): Readonly<Record<string, number>> {
  const seen = [...takeCpu(meter, end).seen.values()];
  return Object.fromEntries(
    seen.flatMap(({ last, lastUpS, goneUpS }) =>
      last.kind === "guest" && goneUpS !== undefined ? [[last.name, hundredths(goneUpS - lastUpS)]] : [],
    ),
  );
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;
