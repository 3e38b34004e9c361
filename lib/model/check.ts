import type { Case } from "./case.js";
import type { ClassSeries } from "./class-series.js";
import type { CpuSeries } from "./cpu-series.js";
import type { LoadEvidence } from "./load-evidence.js";
import type { MigrationRecord } from "./migration.js";
import type { CaptureEvidence, CounterGain, LegPath } from "./path.js";
import type { Move } from "./plan.js";
import type { Fault } from "./probe-params.js";
import type { MigrationProgress } from "./progress.js";
import type { SettingsRecord } from "./setting-lines.js";
import type { Status } from "./status.js";

/** A line of a kernel log. */
export interface KernelLine {
  /** 0 emergency … 7 debug. */
  readonly level: number;
  readonly text: string;
  /** Milliseconds since the job started, by the host's uptime: good to a tenth of a second. Absent: not known. */
  readonly atMs?: number;
}

/** What was added to a kernel log while the case ran; `lost` says why it cannot be told. */
export type KernelLog =
  | {
      readonly added: readonly KernelLine[];
      /** Lines of a log that grew too long, of which no check had anything to say; absent: all are there. */
      readonly leftOutLines?: number;
      /** Why nothing is known of what was said behind that; absent: all that may be judged is there. */
      readonly cutOff?: string;
    }
  | { readonly lost: string };

/** What a guest said of itself at one moment. */
export interface GuestSnapshot {
  /** Milliseconds since the job started, monotonic clock of the runner. */
  readonly atMs: number;
  /** Absent, as is the uptime: it did not say. */
  readonly bootId?: string;
  readonly uptimeS?: number;
  /** Answers to five pings. */
  readonly pings: number;
}

/** What was read of one disk in a guest. */
export interface DiskReading {
  /** SHA-256 of the file that was written to it; for swap, of what was moved out to it. */
  readonly sum?: string;
  /** Swap space in use; absent: it is not active, or this is no swap. */
  readonly usedKiB?: number;
  /** In the guest's words, why something could not be read or written. */
  readonly fault?: string;
}

export interface DiskEvidence {
  /** Serial in the guest: `root`, `d1`. */
  readonly disk: string;
  readonly use: "root" | "ephemeral" | "swap";
  readonly on: "image" | "nfs" | "iscsi" | "nbd" | "local";
  /** SHA-256 of what the harness had written there. */
  readonly expectedSum: string;
  /** Before the first leg and after the last one; absent: the guest did not say. */
  readonly before?: DiskReading;
  readonly after?: DiskReading;
}

export interface GuestEvidence {
  readonly guest: string;
  /** Host on which it ran already, left by an earlier case; absent: it was started for this one. */
  readonly takenOverOn?: string;
  readonly before?: GuestSnapshot;
  readonly after?: GuestSnapshot;
  readonly kernelLog: KernelLog;
  /** Hosts on which the guest was found running at the end; absent: nobody could look. Empty: running nowhere. */
  readonly finalHosts?: readonly string[];
  /** Where it had to be at the end if every leg went as told; the place to check. */
  readonly expectedHost: string;
  /** Disks whose content is watched; absent: the case watches none. */
  readonly disks?: readonly DiskEvidence[];
}

/** What one host looks like, before and after a case: what must not differ. */
export interface HostSnapshot {
  readonly domains: readonly string[];
  readonly qemuProcesses: readonly string[];
  /** Listening TCP ports between 49152 and 49215. */
  readonly migrationListeners: readonly number[];
  /** Firewall rules without their counters, one a line. */
  readonly firewallRules: readonly string[];
}

export interface HostEvidence {
  readonly host: string;
  readonly before?: HostSnapshot;
  /** After the restore. */
  readonly after?: HostSnapshot;
  /** Control group that the host is itself, as one of several on a machine; absent: it is the whole machine. */
  readonly controlGroup?: string;
  readonly kernelLog: KernelLog;
}

/** One boot of a guest that was watched: from the reset or the start until its login could be reached. */
export interface Boot {
  readonly startMs: number;
  /**
   * Until then its login could not be reached: when the last try began that was in vain. Somewhere from here to `loginMs` it was up.
   * Absent: nobody noted it.
   */
  readonly unreachableUntilMs?: number;
  /** When somebody had logged in. Absent: nobody could as long as it was watched. */
  readonly loginMs?: number;
  /** For so long its login was waited for in vain, which is all that the case allows; absent: the waiting broke off. */
  readonly waitedMs?: number;
}

/** A guest that was to boot while others, or it itself, migrated. */
export interface BootEvidence {
  readonly guest: string;
  /** Where it booted first. */
  readonly host: string;
  readonly isMigrating: boolean;
  readonly boots: readonly Boot[];
  /** Why nobody could watch any more. */
  readonly lost?: string;
}

/** A domain event of libvirt, stamped when it reached the runner. */
export interface DomainEvent {
  readonly atMs: number;
  readonly host: string;
  readonly guest: string;
  /** libvirt's event name, e.g. `lifecycle`, `job-completed`, `migration-iteration`. */
  readonly event: string;
  /** e.g. `Suspended Migrated`, `Resumed Post-copy`. */
  readonly detail: string;
}

export interface LegEvidence {
  readonly number: number;
  readonly moves: readonly Move[];
  readonly width: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** Something that was made to go wrong on a host. */
export interface FaultEvidence {
  readonly do: Fault["do"];
  readonly host: string;
  readonly leg: number;
  /** When it was done, milliseconds since the job started. */
  readonly startMs: number;
  /** When it was over with, e.g. the daemon answered again; absent: it lasted until the hosts were put back. */
  readonly endMs?: number;
}

/** A connection of the runner to a machine that broke; it is opened again when something is asked next. */
export interface LostConnection {
  readonly atMs: number;
  readonly host: string;
  readonly reason: string;
}

/** What was seen of the ways that migrations took. */
export interface PathEvidence {
  readonly legs: readonly LegPath[];
  /** What the counters gained from the start of the probes to their end: what the captures saw too. */
  readonly totals: readonly CounterGain[];
  readonly captures: readonly CaptureEvidence[];
  readonly cpu: readonly CpuSeries[];
  readonly classes: readonly ClassSeries[];
}

/** A time without events of a host. Milliseconds since the job started. */
export interface EventPause {
  readonly host: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Everything the checks may look at, gathered before any of them runs and stored with the case. */
export interface Evidence {
  readonly case: Case;
  readonly legs: readonly LegEvidence[];
  readonly migrations: readonly MigrationRecord[];
  /** Of instances: what each migration had, and why; absent where the guests are none. */
  readonly settings?: readonly SettingsRecord[];
  readonly guests: readonly GuestEvidence[];
  readonly hosts: readonly HostEvidence[];
  readonly load: readonly LoadEvidence[];
  readonly boots: readonly BootEvidence[];
  /** The guests go on running, for the next case; nobody is to call them left over. */
  readonly areGuestsLeft?: boolean;
  /** When a host told no events because its libvirtd was ended on purpose; absent where none was. */
  readonly eventPauses?: readonly EventPause[];
  /** The hosts were left as they are, to be looked at: what is left on them proves nothing. */
  readonly areHostsKept?: boolean;
  readonly events: readonly DomainEvent[];
  /** Which ports the legs used, and what CPU they took; absent: nobody looked. */
  readonly path?: PathEvidence;
  /** How migrations went on, where somebody asked while they ran; absent: nobody did, or they were over too soon. */
  readonly progress?: readonly MigrationProgress[];
  /** What was made to go wrong; absent: nothing. */
  readonly faults?: readonly FaultEvidence[];
  /** Absent: none was lost. */
  readonly lostConnections?: readonly LostConnection[];
  /** Whether the event streams of both hosts were open the whole time; a gap is named. */
  readonly eventGaps: readonly string[];
}

/** A line of a kernel log that a check points to. */
export interface LogLine {
  /** Guest or host. */
  readonly place: string;
  /** From 1, among those that were added while the case ran. */
  readonly line: number;
}

/** The verdict of one check on one case. */
export interface CheckResult {
  readonly check: string;
  /** FAIL and WARN say something about the system under test; ERROR says the check could not tell. */
  readonly status: Extract<Status, "PASS" | "WARN" | "FAIL" | "ERROR">;
  readonly message: string;
  /** The numbers behind the verdict, each named with its unit: `{ longestMs: 412, limitMs: 300 }`. */
  readonly measured?: Readonly<Record<string, number>>;
  /** Where it stands in the kernel logs; absent: it stands in none, or the check does not know. */
  readonly lines?: readonly LogLine[];
}
