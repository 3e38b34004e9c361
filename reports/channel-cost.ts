import { cpuPerGiB } from "../lib/model/cpu-series.js";
import type { MigrationRecord } from "../lib/model/migration.js";
import type { LegPath } from "../lib/model/path.js";
import type { CaseResult, JobResult } from "../lib/model/result.js";
import { type Spread, spreadOf } from "../lib/model/spread.js";
import { busyMs, channelText, processedBy, wayOf } from "../lib/model/way.js";

/** The four processes that a migration takes CPU of. */
export const PROCESSES = ["sourceDaemons", "targetDaemons", "sourceQemu", "targetQemu"] as const;
export type Process = (typeof PROCESSES)[number];

/** What one way of migrating cost in one case, over its legs. Each figure is absent where no leg tells it. */
export interface ChannelCost {
  /** `native`, `tunnelled`, `TLS`, `native, 4 connections`: what the recorded commands say; `, contended` by other traffic. */
  readonly channel: string;
  /** Legs that were begun, and those of them in which every migration completed: only these are measured. */
  readonly legs: number;
  readonly measured: number;
  /** From the first `virsh migrate` to the end of the last, as the runner saw it. */
  readonly timeMs?: Spread | undefined;
  /** Longest silence of a guest, as pings saw it, and longest downtime that libvirt reports. */
  readonly silenceMs?: Spread | undefined;
  readonly reportedMs?: Spread | undefined;
  /** Bytes that libvirt processed in that time. */
  readonly mibPerS?: Spread | undefined;
  /** CPU seconds for each GiB that libvirt processed. */
  readonly cpuSPerGiB: Readonly<Record<Process, Spread | undefined>>;
  /** Bytes from the sources to the targets, by the kernels' counters, over bytes that libvirt processed. */
  readonly wireShare?: Spread | undefined;
}

/** The same guests on the same hosts, migrated in several ways in turn. */
export interface CaseCost {
  readonly caseId: string;
  readonly channels: readonly ChannelCost[];
}

/** Every case that migrated in more than one way and has CPU figures, in the order of the job. Pure. */
export const channelCosts = ({ cases }: Pick<JobResult, "cases">): CaseCost[] =>
  cases.flatMap((result) => {
    if (!result.path?.some(({ cpu }) => cpu.length > 0)) return [];
    const legs = legsOf(result, result.path);
    const names = [...new Set(legs.map(({ channel }) => channel))];
    if (names.length < 2) return [];
    const channels = names.map((name) =>
      costOf(
        name,
        legs.filter(({ channel }) => channel === name),
      ),
    );
    return [{ caseId: result.case.id, channels }];
  });

interface Leg {
  readonly channel: string;
  readonly records: readonly MigrationRecord[];
  readonly path?: LegPath | undefined;
}

/** A leg whose migrations differ in their way belongs to none; one in which others wanted the link compares only with such. */
function legsOf({ migrations }: CaseResult, paths: readonly LegPath[]): Leg[] {
  const numbers = [...new Set(migrations.map(({ leg }) => leg))];
  return numbers.flatMap((number) => {
    const records = migrations.filter(({ leg }) => leg === number);
    const [channel, ...others] = new Set(records.map(channelText));
    if (channel === undefined || others.length > 0) return [];
    const path = paths.find(({ leg }) => leg === number);
    return [{ channel: path?.isContended ? `${channel}, contended` : channel, records, path }];
  });
}

function costOf(channel: string, all: readonly Leg[]): ChannelCost {
  const legs = all.filter(({ records }) => records.every(({ outcome }) => outcome === "completed"));
  const spread = (of: (leg: Leg) => number | undefined): Spread | undefined =>
    spreadOf(legs.flatMap((leg) => of(leg) ?? []));
  const cpu = (process: Process) => spread((leg) => cpuOf(leg, process));
  return {
    channel,
    legs: all.length,
    measured: legs.length,
    timeMs: spread(timeOf),
    silenceMs: spread(({ records }) => longest(records.map(({ silence }) => silence?.longestMs))),
    reportedMs: spread(({ records }) => longest(records.map(({ stats }) => stats?.reportedDowntimeMs))),
    mibPerS: spread(throughputOf),
    cpuSPerGiB: {
      sourceDaemons: cpu("sourceDaemons"),
      targetDaemons: cpu("targetDaemons"),
      sourceQemu: cpu("sourceQemu"),
      targetQemu: cpu("targetQemu"),
    },
    wireShare: spread(wireOf),
  };
}

/** Undefined when one of them was not measured: it may have been the longest. */
const longest = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length && known.length > 0 ? Math.max(...known) : undefined;
};

const timeOf = ({ records }: Leg): number | undefined => busyMs(records) || undefined;

function throughputOf(leg: Leg): number | undefined {
  const [bytes, ms] = [processedBy(leg.records), timeOf(leg)];
  return bytes === undefined || ms === undefined ? undefined : bytes / 2 ** 20 / (ms / 1000);
}

function wireOf({ records, path }: Leg): number | undefined {
  const way = path === undefined ? undefined : wayOf(records, path);
  if (way === undefined || way.processedBytes === 0) return undefined;
  return (way.rpcBytes + way.dataBytes) / way.processedBytes;
}

/** Undefined, too, where hosts are sources and targets at once: their daemons' time cannot be told apart. */
function cpuOf({ records, path }: Leg, process: Process): number | undefined {
  const [sources, targets] = [
    new Set(records.map(({ source }) => source)),
    new Set(records.map(({ target }) => target)),
  ];
  const isQemu = process.endsWith("Qemu");
  if (!isQemu && [...sources].some((host) => targets.has(host))) return undefined;
  const isSource = process.startsWith("source");
  const gainOf = (host: string) => path?.cpu.find((gain) => gain.host === host);
  const spentS = isQemu
    ? records.map(({ guest, source, target }) => gainOf(isSource ? source : target)?.guestsS[guest])
    : [...(isSource ? sources : targets)].map((host) => gainOf(host)?.daemonsS);
  const sumS = spentS.reduce<number>((sum, one) => sum + (one ?? Number.NaN), 0);
  const bytes = processedBy(records);
  return bytes === undefined || Number.isNaN(sumS) ? undefined : cpuPerGiB(sumS, bytes);
}
