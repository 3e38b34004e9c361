import type { MigrationRecord } from "./migration.js";
import type { CaseResult, CommandRecord, PhaseRecord, RunnerCost } from "./result.js";
import type { SettingsRecord } from "./setting-lines.js";

/** A case's result as its last event carries it: what other events already tell is not told twice. */
export type CaseVerdict = Omit<CaseResult, "commands" | "migrations" | "settings" | "phases">;

export type StepTold = Pick<PhaseRecord, "name" | "note">;

/** What happened, in the words of the code that saw it. Plain data: one event is one line of `events.ndjson`. */
export type NewEvent =
  | { readonly type: "job-started"; readonly jobId: string }
  | { readonly type: "case-started"; readonly caseId: string }
  | { readonly type: "step-started"; readonly caseId: string; readonly step: string }
  | {
      readonly type: "step-ended";
      readonly caseId: string;
      readonly step: string;
      /** What it turned out to be, where that is known during the step only; absent: what was planned. */
      readonly did?: StepTold;
      readonly error?: string;
    }
  | { readonly type: "command"; readonly caseId?: string; readonly command: CommandRecord }
  | {
      readonly type: "migration-started";
      readonly caseId: string;
      readonly leg: number;
      readonly guest: string;
      readonly source: string;
      readonly target: string;
    }
  | {
      readonly type: "throughput";
      readonly caseId: string;
      readonly leg: number;
      readonly guest: string;
      readonly line: string;
    }
  | { readonly type: "settings"; readonly caseId: string; readonly record: SettingsRecord }
  | { readonly type: "migration-ended"; readonly caseId: string; readonly record: MigrationRecord }
  | { readonly type: "connection-lost"; readonly caseId?: string; readonly host: string; readonly reason: string }
  | { readonly type: "case-ended"; readonly result: CaseVerdict }
  | {
      readonly type: "job-ended";
      readonly interrupted: boolean;
      readonly leftovers: readonly string[];
      readonly runner?: RunnerCost;
    };

/** The same with both clocks, as the event log stamps and stores it. */
export type Event = NewEvent & {
  /** ISO 8601 UTC, for people. */
  readonly at: string;
  /** Milliseconds since the job started, monotonic clock, for arithmetic. */
  readonly monoMs: number;
};

/** Seen while it happens, shown on a terminal, never stored. */
export interface Progress {
  readonly caseId: string;
  readonly phase: string;
  readonly guest?: string;
  readonly remainingBytes?: number;
  readonly totalBytes?: number;
}
