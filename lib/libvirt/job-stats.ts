import type { JobStats } from "../model/migration.js";

/** libvirt's names of typed parameters (include/libvirt/libvirt-domain.h, VIR_DOMAIN_JOB_*) and ours. */
const FIELDS: readonly (readonly [string, keyof JobStats])[] = [
  ["time_elapsed", "totalTimeMs"],
  ["downtime", "reportedDowntimeMs"],
  ["setup_time", "setupTimeMs"],
  ["data_processed", "dataProcessedBytes"],
  ["data_remaining", "dataRemainingBytes"],
  ["data_total", "dataTotalBytes"],
  ["memory_processed", "memoryProcessedBytes"],
  ["memory_remaining", "memoryRemainingBytes"],
  ["memory_total", "memoryTotalBytes"],
  ["memory_bps", "memoryBytesPerSecond"],
  ["memory_iteration", "iterations"],
  ["memory_dirty_rate", "dirtyPagesPerSecond"],
  ["memory_page_size", "pageSizeBytes"],
  ["memory_postcopy_requests", "postcopyRequests"],
  ["auto_converge_throttle", "autoConvergeThrottlePercent"],
  ["compression_cache", "compressionCacheBytes"],
  ["compression_bytes", "compressionBytes"],
  ["compression_pages", "compressionPages"],
  ["compression_cache_misses", "compressionCacheMisses"],
];

/** virDomainJobType; the raw form prints the number. */
const JOB_TYPES = ["none", "bounded", "unbounded", "completed", "failed", "cancelled"] as const;

/** A job as `virsh domjobinfo --rawstats` shows it. */
export interface JobInfo {
  /** A running migration is `unbounded`; absent when virsh did not say. */
  readonly type?: (typeof JOB_TYPES)[number];
  readonly stats: JobStats;
}

/**
 * Reads the raw form of `virsh domjobinfo` (bytes and milliseconds) rather than the pretty one, whose units change with
 * the size of the number. Fixtures: `virsh-9.0.0/domjobinfo-*.txt`.
 *
 * A field that the hypervisor left out stays absent. It is never 0: a zero there would read as a perfect result.
 */
export function parseJobInfo(text: string): JobInfo {
  const fields = rawFields(text.split("\n"));
  const type = JOB_TYPES[Number(/^Job type:\s+(\d{1,2})\s*$/m.exec(text)?.[1] ?? Number.NaN)];
  return { ...(type === undefined ? {} : { type }), stats: jobStats(fields) };
}

/** `name: value` and `name=value` lines. */
export function rawFields(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const match = /^\s*([a-z][a-z0-9_.-]*)\s*[:=]\s*(.*?)\s*$/.exec(line.slice(0, MAX_LINE));
    if (match?.[1] !== undefined && match[2] !== undefined) fields.set(match[1], match[2]);
  }
  return fields;
}

/** Longer than any line of libvirt's; keeps a hostile one from being expensive. */
const MAX_LINE = 4096;

/** Only plain whole numbers count: a value that is something else was not measured. */
export function jobStats(fields: ReadonlyMap<string, string>): JobStats {
  const known = FIELDS.flatMap(([theirs, ours]) => {
    const text = fields.get(theirs);
    return text !== undefined && /^\d{1,20}$/.test(text) ? [[ours, Number(text)] as const] : [];
  });
  return Object.fromEntries(known);
}
