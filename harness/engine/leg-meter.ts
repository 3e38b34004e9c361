import { allDone } from "../../lib/all-done.js";
import { counterGain } from "../../lib/capture/counters.js";
import { cpuGainOf, openCpuMeter } from "../../lib/host/cpu-gain.js";
import { type ClassFigures, classGain } from "../../lib/model/class-series.js";
import type { ClassesGain, CounterGain, CpuGain, PacketCount } from "../../lib/model/path.js";
import { type ClassReading, readClasses } from "../../lib/net/class-samples.js";
import { type CaseContext, hostOf } from "./context.js";
import type { HostProbes } from "./probe-state.js";

/** Reads what the hosts have counted right before the first migration of a leg; the way to read it again is returned. */
export async function meterLeg(ctx: CaseContext, leg: number, isContended: boolean): Promise<() => Promise<void>> {
  const { hosts, legs } = ctx.state.probes;
  if (hosts.length === 0) return async () => undefined;
  const started = await Promise.all(hosts.map((own) => begin(ctx, own)));
  return async () => {
    const ended = await Promise.all(started.map((end) => end()));
    legs.push({
      leg,
      ...(isContended ? { isContended } : {}),
      counters: ended.flatMap(({ counters }) => counters ?? []),
      cpu: ended.flatMap(({ cpu }) => cpu ?? []),
      classes: ended.flatMap(({ classes }) => classes ?? []),
    });
  };
}

interface Gains {
  readonly counters?: CounterGain | undefined;
  readonly cpu?: CpuGain | undefined;
  readonly classes?: ClassesGain | undefined;
}

/** A host that does not say leaves its place empty, for the checks to say so: the migrations are worth more than that. */
async function begin(ctx: CaseContext, own: HostProbes): Promise<() => Promise<Gains>> {
  const { host, counters, cpu, classes } = own;
  const { run } = hostOf(ctx, host).remote;
  const readAll = async () => {
    const [packets, spent, shown] = await Promise.all([
      counters?.read().catch(() => undefined),
      cpu?.read().catch(() => undefined),
      classes === undefined ? undefined : readClasses(run, classes.interface).catch(() => undefined),
    ]);
    return { packets, spent, shown };
  };
  const before = await readAll();
  if (before.spent === undefined) delete own.meter;
  else own.meter = openCpuMeter(before.spent);
  return async () => {
    const after = await readAll();
    const meter = own.meter;
    delete own.meter;
    return {
      counters: countersOf(host, before.packets, after.packets),
      cpu: meter === undefined || after.spent === undefined ? undefined : cpuGainOf(host, meter, after.spent),
      classes: classesOf(host, before.shown, after.shown),
    };
  };
}

const countersOf = (
  host: string,
  before: readonly PacketCount[] | undefined,
  after: readonly PacketCount[] | undefined,
): CounterGain | undefined =>
  before === undefined || after === undefined ? undefined : { host, counts: counterGain(before, after) };

function classesOf(host: string, before: ClassReading | undefined, after: ClassReading | undefined) {
  if (before === undefined || after === undefined) return undefined;
  const ms = (after.upS - before.upS) * 1000;
  const figures = new Map<string, ClassFigures>(before.classes.map((one) => [one.id, one]));
  const gains = after.classes.flatMap((one) => {
    const old = figures.get(one.id);
    const gain = old === undefined ? undefined : classGain(old, one, ms);
    return gain === undefined ? [] : [{ id: one.id, ...gain }];
  });
  return { host, gains };
}

/** Ends all probes and puts together what they saw. Never rejects; harmless twice. */
export async function stopProbes(ctx: CaseContext): Promise<void> {
  const { hosts, legs, result } = ctx.state.probes;
  if (hosts.length === 0 || result !== undefined) return;
  const totals = await Promise.all(
    hosts.map(async ({ host, counters }) =>
      countersOf(host, counters?.first, await counters?.read().catch(() => undefined)),
    ),
  );
  const captures = await Promise.all(hosts.map(({ capture }) => capture?.stop()));
  await allDone(hosts.flatMap(({ stops }) => stops.map((stop) => stop()))).catch(() => undefined);
  ctx.state.probes.result = {
    legs,
    totals: totals.flatMap((gain) => gain ?? []),
    captures: captures.flatMap((capture) => capture ?? []),
    cpu: hosts.flatMap(({ cpu }) => cpu?.series() ?? []),
    classes: hosts.flatMap(({ classes }) => classes?.series() ?? []),
  };
}
