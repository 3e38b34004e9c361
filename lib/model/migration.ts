/**
 * How one migration ended. `unknown` means the answer was lost (the connection broke, the deadline passed) and asking
 * both hosts afterwards did not settle it. It is never rounded to `failed`: the guest may be running in both places.
 * `not-started`: the guest could not be reached, or was not where it had to be, so nothing was tried.
 */
export type MigrationOutcome = "completed" | "failed" | "aborted" | "unknown" | "not-started";

/** What virsh says of a domain's state; `absent` when libvirt on that host does not know it. */
export const DOMAIN_STATES = [
  "running",
  "paused",
  "shut off",
  "in shutdown",
  "crashed",
  "idle",
  "pmsuspended",
] as const;
export type DomainState = (typeof DOMAIN_STATES)[number] | "absent";

/** libvirt's own figures of one migration. An absent number was not measured; it is not zero. */
export interface JobStats {
  /** `time_elapsed`, milliseconds. */
  readonly totalTimeMs?: number;
  /** `downtime`, milliseconds: what the hypervisor believes. */
  readonly reportedDowntimeMs?: number;
  readonly setupTimeMs?: number;
  readonly dataProcessedBytes?: number;
  readonly dataRemainingBytes?: number;
  readonly dataTotalBytes?: number;
  readonly memoryProcessedBytes?: number;
  readonly memoryRemainingBytes?: number;
  readonly memoryTotalBytes?: number;
  readonly memoryBytesPerSecond?: number;
  /** Passes over the guest's memory. */
  readonly iterations?: number;
  readonly dirtyPagesPerSecond?: number;
  readonly pageSizeBytes?: number;
  readonly postcopyRequests?: number;
  readonly autoConvergeThrottlePercent?: number;
  readonly compressionCacheBytes?: number;
  readonly compressionBytes?: number;
  readonly compressionPages?: number;
  readonly compressionCacheMisses?: number;
}

/** What an onlooker saw of the guest during one migration. */
export interface Silence {
  /** Longest gap between two answers, milliseconds. */
  readonly longestMs: number;
  readonly intervalMs: number;
  readonly sent: number;
  readonly received: number;
  /** Answers that came twice: two machines with one address. */
  readonly duplicates: number;
  /** Whether the guest answered again after the migration had ended. */
  readonly answeredAfter: boolean;
}

/** State of a domain on both hosts at one moment. */
export interface Places {
  readonly source: DomainState;
  readonly target: DomainState;
}

/** What is known about one migration of one guest. */
export interface MigrationRecord {
  readonly guest: string;
  /** Leg it belongs to, from 1. */
  readonly leg: number;
  readonly source: string;
  readonly target: string;
  readonly outcome: MigrationOutcome;
  /** libvirt's words, or ours, when the outcome is not `completed`. */
  readonly error?: string;
  /** The exact command, as an argument list; absent when nothing was tried. */
  readonly command?: readonly string[];
  /** Milliseconds since the job started, monotonic clock; both absent when nothing was tried. */
  readonly startMs?: number;
  readonly endMs?: number;
  readonly before?: Places;
  readonly after?: Places;
  readonly stats?: JobStats;
  readonly silence?: Silence;
}
