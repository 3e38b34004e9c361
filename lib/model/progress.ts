import type { JobStats } from "./migration.js";
import { addPoint, MAX_POINTS } from "./points.js";

/**
 * What libvirt said of a running migration at one moment: milliseconds since the job started, bytes of memory that were still
 * to be copied, pages a second that the guest changed, pass over its memory. null: it did not say.
 */
export type ProgressPoint = readonly [
  ms: number,
  remainingBytes: number | null,
  dirtyPagesPerSecond: number | null,
  iteration: number | null,
];

/** How one migration went on, as far as somebody asked while it ran. */
export interface MigrationProgress {
  readonly leg: number;
  readonly guest: string;
  readonly pageSizeBytes?: number;
  /** In the order of time. A bounded number: see `addPoint`. */
  readonly points: readonly ProgressPoint[];
}

/**
 * One more answer of libvirt's about a migration. One that has neither figure adds nothing, and neither has one that says 0 of
 * 0, which libvirt does until the memory goes.
 */
export function addProgress(
  progress: MigrationProgress,
  atMs: number,
  stats: JobStats,
  maxPoints = MAX_POINTS,
): MigrationProgress {
  const { memoryRemainingBytes = null, dirtyPagesPerSecond = null, iterations = null, pageSizeBytes } = stats;
  if (stats.memoryTotalBytes === 0) return progress;
  if (memoryRemainingBytes === null && dirtyPagesPerSecond === null) return progress;
  const point: ProgressPoint = [Math.round(atMs), memoryRemainingBytes, dirtyPagesPerSecond, iterations];
  return {
    ...progress,
    ...(pageSizeBytes === undefined ? {} : { pageSizeBytes }),
    points: addPoint(progress.points, point, maxPoints),
  };
}
