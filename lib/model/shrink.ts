import type { Params } from "./params.js";
import type { Profile } from "./profile.js";
import type { Status } from "./status.js";

/**
 * What a run says about the failure that is looked for: `same`, seen once more; `other`, not seen; `unfit`, the case cannot
 * tell it in this form (does not apply, another ERROR, far too slow); `untold`, the run was cut off and says nothing.
 */
export type Outcome = "same" | "other" | "unfit" | "untold";

/** One run of a case while it is shrunk: a job of its own. */
export interface ShrinkRun {
  readonly outcome: Outcome;
  /** Name of its folder; absent where it could not be begun. */
  readonly jobId?: string;
  readonly status?: Status;
  /** Of a run that was not OK. */
  readonly signature?: string;
  /** Why it was no PASS. */
  readonly message?: string;
  /** Of the case; milliseconds. */
  readonly durationMs?: number;
}

/** `taken`: the failure was seen in it, so that the search went on from there; `left-out`: not seen often enough. */
export type Decision = "taken" | "left-out" | "undecided";

/** A smaller case that was tried. */
export interface ShrinkProbe {
  /** `movement.rounds 1 instead of 4`. */
  readonly name: string;
  readonly decision: Decision;
  readonly runs: readonly ShrinkRun[];
  readonly params: Params;
}

/** `shrink.json`. */
export interface ShrinkSummary {
  readonly shrinkId: string;
  /** The job in which the case failed, and its folder. */
  readonly jobId: string;
  readonly folder: string;
  readonly caseId: string;
  /** Of the failure that is looked for. */
  readonly signature: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly version: string;
  readonly argv: readonly string[];
  readonly profile?: Profile;
  /** Runs of the case as it was, before anything was taken away. */
  readonly original: readonly ShrinkRun[];
  /** In the order in which they were tried. */
  readonly probes: readonly ShrinkProbe[];
  /** What was taken away, one upon the other, in words. */
  readonly taken: readonly string[];
  /** Runs of the smallest case, after nothing more could be taken away. */
  readonly confirmed: readonly ShrinkRun[];
  /** Nothing of what is tried can be taken away from it any more. */
  readonly isSmallest: boolean;
  /** Parameters of the smallest case so far. */
  readonly params: Params;
  /** What stays because the case expects something of it; in words. */
  readonly kept: readonly string[];
  /** Why it ended; absent while it goes on. */
  readonly ended?: string;
  /** As it would be if it ended now. */
  readonly exitCode: number;
}
