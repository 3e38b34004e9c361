import type { JobInfo } from "../../lib/libvirt/job-stats.js";
import type { JobStats } from "../../lib/model/migration.js";

const EVERY_MS = 5_000;
const MIB = 2 ** 20;
const MB = 1e6;

export interface ThroughputInputs {
  /** Asks libvirt on the source; undefined, or a rejection, when there is no answer: then no line is written. */
  readonly ask: () => Promise<JobInfo | undefined>;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  readonly everyMs?: number;
}

/**
 * Tells every five seconds how a migration goes on, in the form that Nova of StarlingX wrote it to its log. To be started
 * when the migration starts; one that is over sooner has no line.
 * @returns the way to stop: no line comes after it has resolved
 */
export function startThroughputLog(inputs: ThroughputInputs, onLine: (line: string) => void): () => Promise<void> {
  const { ask, nowMs, everyMs = EVERY_MS } = inputs;
  let isOver = false;
  let watermark: Watermark | undefined;
  let asking: Promise<void> | undefined;
  const tell = async (): Promise<void> => {
    const info = await ask().catch(() => undefined);
    if (isOver || info === undefined || !isRunning(info)) return;
    watermark = nextWatermark(watermark, info.stats, nowMs());
    onLine(throughputLine(info.stats, nowMs() - watermark.atMs));
  };
  const timer = setInterval(() => {
    asking ??= tell().finally(() => {
      asking = undefined;
    });
  }, everyMs);
  return async () => {
    isOver = true;
    clearInterval(timer);
    await asking;
  };
}

const isRunning = ({ type }: JobInfo): boolean => type === "unbounded" || type === "bounded";

/** Least that was ever left to be copied, and since when: what Nova calls the progress watermark. */
interface Watermark {
  readonly remainingBytes: number;
  readonly atMs: number;
}

function nextWatermark(before: Watermark | undefined, stats: JobStats, atMs: number): Watermark {
  const remainingBytes = stats.dataRemainingBytes ?? Number.POSITIVE_INFINITY;
  return before !== undefined && remainingBytes >= before.remainingBytes ? before : { remainingBytes, atMs };
}

/**
 * One line from the figures of a job that runs. The percents are what need not be copied any more, of the total; what was
 * processed may well be more than the total, since pages that the guest changes are sent again. While a job runs, libvirt's
 * `downtime` is the expected one. "since" is how long ago there was last less left than ever before. A figure that libvirt
 * does not tell is a question mark.
 */
export function throughputLine(stats: JobStats, sinceMs: number): string {
  const { totalTimeMs, memoryBytesPerSecond, reportedDowntimeMs } = stats;
  const memory = progress(stats.memoryProcessedBytes, stats.memoryRemainingBytes, stats.memoryTotalBytes);
  const data = progress(stats.dataProcessedBytes, stats.dataRemainingBytes, stats.dataTotalBytes);
  return [
    `Migration running for ${shown(totalTimeMs, 1000, 1)} secs`,
    `memory progress ${memory}`,
    `data progress ${data}`,
    `memory bandwidth ${shown(memoryBytesPerSecond, MB, 1)} MB/s`,
    `expected downtime ${shown(reportedDowntimeMs)} ms`,
    `since ${shown(sinceMs, 1000, 1)} seconds ago`,
  ].join("; ");
}

function progress(processed: number | undefined, remaining: number | undefined, total: number | undefined): string {
  const done = total === undefined || remaining === undefined || total === 0 ? undefined : 1 - remaining / total;
  return `${shown(done, 0.01)}% (${shown(processed, MIB)} MiB processed, ${shown(remaining, MIB)} MiB remaining, ${shown(total, MIB)} MiB total)`;
}

const shown = (value: number | undefined, unit = 1, digits = 0): string =>
  value === undefined ? "?" : (value / unit).toFixed(digits);
