import type { CaseResult, JobResult } from "../lib/model/result.js";
import type { Status } from "../lib/model/status.js";
import { failureSignature } from "./signature.js";
import { whyOf } from "./summary.js";

/** What one case came to in each of many runs. */
export interface Run {
  readonly status: Status;
  /** Name of the job. */
  readonly jobId: string;
  /** Of a run that was not OK. */
  readonly signature?: string;
  readonly message?: string;
}

/** Runs that were not OK for the same reason. */
export interface FailureGroup {
  readonly signature: string;
  readonly runs: number;
  /** The first of them. */
  readonly jobId: string;
  readonly message: string;
}

export interface Flake {
  readonly caseId: string;
  /** Runs that say something: PASS, WARN, FAIL or ERROR. */
  readonly runs: number;
  /** Of those, the ones that were not OK. */
  readonly failed: number;
  /** Absent where no run said anything. */
  readonly rate?: Rate;
  /** The most frequent first. */
  readonly groups: readonly FailureGroup[];
  /** Runs that say nothing: cancelled, skipped, interrupted. */
  readonly untold: number;
}

/** A share from 0 to 1, and where it lies with 95 % confidence. */
export interface Rate {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** The run of a case in a job; absent where the job does not have it. */
export function runOf({ jobId, hosts, cases }: JobResult, caseId: string): Run | undefined {
  const result = cases.find((one) => one.case.id === caseId);
  if (result === undefined) return undefined;
  return {
    status: result.status,
    jobId,
    ...reasonOf(
      result,
      hosts.map(({ host }) => host),
    ),
  };
}

const reasonOf = (result: CaseResult, hosts: readonly string[]): Pick<Run, "signature" | "message"> => {
  const signature = failureSignature(result, hosts);
  return signature === undefined ? {} : { signature, message: whyOf(result) ?? "" };
};

const TELLING: ReadonlySet<Status> = new Set(["PASS", "WARN", "FAIL", "ERROR"]);

/** Counts the runs of a case and puts equal failures together. Pure. */
export function flakeOf(caseId: string, runs: readonly Run[]): Flake {
  const told = runs.filter(({ status }) => TELLING.has(status));
  const failed = told.filter(({ status }) => status === "FAIL" || status === "ERROR");
  const groups = new Map<string, FailureGroup>();
  for (const { signature = "", message = "", jobId } of failed) {
    const known = groups.get(signature) ?? { signature, runs: 0, jobId, message };
    groups.set(signature, { ...known, runs: known.runs + 1 });
  }
  return {
    ...{ caseId, runs: told.length, failed: failed.length },
    ...(told.length === 0 ? {} : { rate: wilson(failed.length, told.length) }),
    groups: [...groups.values()].sort((a, b) => b.runs - a.runs),
    untold: runs.length - told.length,
  };
}

/** 97.5 % of a standard normal number lies below. */
const Z = 1.959964;

/**
 * Wilson's score interval: unlike the share plus or minus its deviation it says something also of none and of all
 * (E. B. Wilson, Probable inference, JASA 22, 1927).
 */
export function wilson(failed: number, runs: number): Rate {
  const share = failed / runs;
  const square = Z * Z;
  const middle = (share + square / (2 * runs)) / (1 + square / runs);
  const half = (Z / (1 + square / runs)) * Math.sqrt((share * (1 - share)) / runs + square / (4 * runs * runs));
  return {
    share,
    low: failed === 0 ? 0 : Math.max(0, middle - half),
    high: failed === runs ? 1 : Math.min(1, middle + half),
  };
}
