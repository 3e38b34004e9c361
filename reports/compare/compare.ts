import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { OK_STATUSES, type Status } from "../../lib/model/status.js";
import { failureSignature } from "../signature.js";
import { whyOf } from "../summary.js";
import { movedNumbers, type Numbers, type Twins } from "./numbers.js";
import {
  type Change,
  haveEqualParams,
  orderChanges,
  type ParamChange,
  paramChanges,
  settingChanges,
  settingsOf,
} from "./settings.js";

/** One of the two jobs. */
export interface ComparedJob {
  readonly jobId: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly cases: number;
  /** Interrupted, or cut off: not all of its cases have a verdict. */
  readonly interrupted: boolean;
}

/** A case whose verdict is not what it was. */
export interface Turned {
  readonly caseId: string;
  readonly before: Status;
  readonly after: Status;
  /** Foreign text: escape it. */
  readonly why?: string;
}

export interface StillFailing extends Turned {
  /** See `signatureOf`. */
  readonly signature: string;
  readonly hasSameSignature: boolean;
}

export interface OnlyOne {
  readonly caseId: string;
  readonly status: Status;
}

export interface Comparison {
  readonly older: ComparedJob;
  readonly newer: ComparedJob;
  /** FAIL or ERROR now, neither before. */
  readonly newFailures: readonly Turned[];
  /** FAIL or ERROR before, PASS or WARN now: a case that was merely skipped is not mended. */
  readonly mended: readonly Turned[];
  readonly stillFailing: readonly StillFailing[];
  readonly newCases: readonly OnlyOne[];
  readonly vanished: readonly OnlyOne[];
  /** Had a verdict before and has none now: skipped, cancelled or interrupted. */
  readonly notRun: readonly Turned[];
  readonly numbers: Numbers;
  readonly settings: readonly Change[];
  readonly params: readonly ParamChange[];
}

/** What became of the older job's cases, numbers and settings in the newer one. Pure. */
export function compareJobs(older: JobResult, newer: JobResult): Comparison {
  const [before, after] = [byId(older), byId(newer)];
  const twins = [...before].flatMap(([id, result]): Twins[] => {
    const now = after.get(id);
    return now === undefined ? [] : [{ before: result, after: now }];
  });
  const hosts = [...older.hosts, ...newer.hosts].map(({ host }) => host);
  const still = twins.filter((twin) => isWrong(twin.before) && isWrong(twin.after));
  return {
    older: labelOf(older),
    newer: labelOf(newer),
    newFailures: twins.filter((twin) => !isWrong(twin.before) && isWrong(twin.after)).map(turned),
    mended: twins.filter((twin) => isWrong(twin.before) && isGood(twin.after)).map(turned),
    stillFailing: still.map((twin) => stillFailing(twin, hosts)),
    newCases: [...after.values()].filter(({ case: { id } }) => !before.has(id)).map(onlyOne),
    vanished: [...before.values()].filter(({ case: { id } }) => !after.has(id)).map(onlyOne),
    notRun: twins.filter((twin) => hasVerdict(twin.before) && !hasVerdict(twin.after)).map(turned),
    numbers: movedNumbers(twins.filter(haveEqualParams)),
    settings: [...settingChanges(settingsOf(older), settingsOf(newer)), ...orderChanges(older, newer)],
    params: paramChanges(twins),
  };
}

const byId = ({ cases }: JobResult): Map<string, CaseResult> =>
  new Map(cases.map((result) => [result.case.id, result]));

const labelOf = ({ jobId, startedAt, cases, interrupted }: JobResult): ComparedJob => ({
  jobId,
  startedAt,
  cases: cases.length,
  interrupted,
});

/** What was stopped from outside has shown nothing, good or bad. */
const isWrong = ({ status }: CaseResult): boolean => !OK_STATUSES.has(status) && status !== "INTERRUPTED";
const isGood = ({ status }: CaseResult): boolean => status === "PASS" || status === "WARN";
const hasVerdict = (result: CaseResult): boolean => isWrong(result) || isGood(result);

function turned({ before, after }: Twins): Turned {
  const why = whyOf(after);
  const found = { caseId: after.case.id, before: before.status, after: after.status };
  return why === undefined ? found : { ...found, why };
}

function stillFailing(twin: Twins, hosts: readonly string[]): StillFailing {
  const signature = failureSignature(twin.after, hosts) ?? "";
  return { ...turned(twin), signature, hasSameSignature: failureSignature(twin.before, hosts) === signature };
}

const onlyOne = ({ case: { id }, status }: CaseResult): OnlyOne => ({ caseId: id, status });
