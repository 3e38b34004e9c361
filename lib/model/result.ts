import type { Case } from "./case.js";
import type { CheckResult, LegEvidence } from "./check.js";
import type { Kept } from "./kept.js";
import type { MigrationRecord } from "./migration.js";
import type { LegPath } from "./path.js";
import type { Plan } from "./plan.js";
import type { Profile } from "./profile.js";
import type { SettingsRecord } from "./setting-lines.js";
import type { Status } from "./status.js";

/** A command as it was run, for the report and for having a failure again. */
export interface CommandRecord {
  readonly host: string;
  /** The exact argument list. */
  readonly argv: readonly string[];
  /** Why, where it changes the host: `open tcp 49152-49215`; absent for questions. */
  readonly what?: string;
  /** What it was given to read, secrets taken out; absent: nothing, or more than is kept. */
  readonly input?: string;
  /** How large an input was that is not kept. */
  readonly lostInputBytes?: number;
  /** Absent when the answer was lost. */
  readonly exitCode?: number;
  /** The end of what it printed to stderr, at most 2,000 characters. */
  readonly stderr?: string;
  /** Milliseconds since the job started, monotonic clock. */
  readonly startMs: number;
  readonly durationMs: number;
}

export interface PhaseRecord {
  /** As planned, or what it turned out to be: guests that were to be taken over may have been booted anew. */
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** For people: why it went as it did, where the plan could not know. */
  readonly note?: string;
  readonly error?: string;
}

export interface CaseResult {
  readonly case: Case;
  readonly status: Status;
  /** One line for people: why it was skipped, cancelled, interrupted or broke. Absent when the checks speak. */
  readonly reason?: string;
  /** Milliseconds, monotonic clock, restore included. */
  readonly durationMs: number;
  readonly checks: readonly CheckResult[];
  readonly legs: readonly LegEvidence[];
  readonly migrations: readonly MigrationRecord[];
  /** Of instances: what each migration had, and why; absent where the guests are none. */
  readonly settings?: readonly SettingsRecord[];
  /** Bytes on the ports, CPU and traffic classes of each leg; absent: nobody looked. */
  readonly path?: readonly LegPath[];
  readonly phases: readonly PhaseRecord[];
  readonly commands: readonly CommandRecord[];
  /** Host changes that could not be taken back. Empty on a clean run. */
  readonly leftovers: readonly string[];
  /** The hosts were not put back after it, as was asked for; absent: they were. */
  readonly kept?: Kept;
}

/** What was learnt about a host when the job began. */
export interface HostFacts {
  readonly host: string;
  /** `uname -nr` and the like, for people. */
  readonly system: string;
  readonly libvirtVersion: string;
  readonly qemuVersion: string;
  readonly virtType: "kvm" | "qemu";
  readonly hostUuid: string;
  readonly freeMemoryMiB: number;
  readonly hasVirtInstall: boolean;
  /** Programs that load needs, as far as they are there. */
  readonly tools: readonly string[];
  readonly seLinux: "enforcing" | "permissive" | "absent";
  /** libvirtd, or the modular daemons. */
  readonly daemons: readonly string[];
}

/** What a job is going to do: `plan.json`, written before anything is done. */
export interface JobPlan {
  readonly jobId: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  /** Seed of every random choice, so that `--seed` repeats the job. */
  readonly seed: number;
  readonly version: string;
  readonly argv: readonly string[];
  /** How the cases were scaled; absent when they run as they were written. */
  readonly profile?: Profile;
  readonly hosts: readonly HostFacts[];
  readonly plans: readonly Plan[];
}

/** What the runner itself took while it did the job. */
export interface RunnerCost {
  /** CPU seconds, user and system, without the programs that it starts. */
  readonly cpuS: number;
  /** Resident memory at its highest, MiB. */
  readonly peakMiB: number;
}

/** What a job did. Always `foldEvents(plan, events)`; every report is a function of this and of nothing else. */
export interface JobResult extends Omit<JobPlan, "plans"> {
  /** Milliseconds, monotonic clock; up to the last event when the job was cut off. */
  readonly durationMs: number;
  /** Ctrl-C, or the end of the runner. */
  readonly interrupted: boolean;
  /** Host changes of the job itself (locks) that could not be taken back. */
  readonly leftovers: readonly string[];
  /** Absent when the job was cut off; of a resumed job, that of the last run. */
  readonly runner?: RunnerCost;
  /** One entry for every planned case, also for those that never started. */
  readonly cases: readonly CaseResult[];
}
