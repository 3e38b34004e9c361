import { messageOf } from "../../lib/errors.js";
import type { Case } from "../../lib/model/case.js";
import type { JobResult } from "../../lib/model/result.js";
import type { ShrinkRun } from "../../lib/model/shrink.js";
import type { PassSummary } from "../../lib/model/soak.js";
import { runOf } from "../../reports/flake.js";
import { whyOf } from "../../reports/summary.js";
import { outcomeOf } from "../shrink/outcome-of.js";
import { patienceFor } from "../shrink/patience.js";
import { keptWithinLimits, onePass, type Passing } from "./soak-pass.js";

/** How often a case is run, and what it takes. */
export interface Runs {
  /** Runs it as a job of its own in the folder, with guests of its own. Never rejects. */
  readonly run: (testCase: Case) => Promise<ShrinkRun>;
  /** Why no further run is of any use: hosts that cannot be reached, or were left changed. */
  readonly whyBroken: () => string | undefined;
}

export interface RunsOptions extends Omit<Passing, "selected" | "onResult" | "options"> {
  readonly options: Passing["options"];
  readonly seed: number;
  /** Signature of the failure that is looked for. */
  readonly wanted: string;
  /** How long the failure took where it is known already, milliseconds; 0: nobody knows. */
  readonly longestMs: number;
  /** Told of the first run that came to a result: its hosts and versions. */
  readonly onFirst: (result: JobResult) => void;
}

export function runsOf({ wanted, seed, onFirst, longestMs: knownMs, ...passing }: RunsOptions): Runs {
  let passes: PassSummary[] = [];
  let broken: string | undefined;
  let longestMs = knownMs;
  let isFirst = true;

  const run = async (testCase: Case): Promise<ShrinkRun> => {
    const patience = patienceFor(longestMs);
    let result: JobResult | undefined;
    const pass = await onePass(
      {
        ...passing,
        signal: AbortSignal.any([passing.signal, patience.signal]),
        selected: { cases: [testCase], total: 1, seed },
        onResult: (told) => {
          result = told;
        },
      },
      passes.length + 1,
      () => undefined,
    ).finally(patience.dispose);
    passes = await keptWithinLimits(passing.folder, [...passes, pass]);
    if (pass.reason !== undefined) broken = `a run could not be done: ${pass.reason}`;
    if (pass.isDirty) broken = `a run left a host changed: \`migstorm recover ${passing.folder}\` puts it back`;
    if (result === undefined) return { outcome: "untold", jobId: pass.jobId };
    if (isFirst) onFirst(result);
    isFirst = false;
    const told = shrinkRun(result, testCase.id, wanted, patience.signal.aborted && !passing.signal.aborted);
    if (told.outcome === "same") longestMs = Math.max(longestMs, told.durationMs ?? 0);
    return told;
  };
  return {
    run: (testCase) =>
      run(testCase).catch((error: unknown): ShrinkRun => {
        broken = messageOf(error);
        return { outcome: "untold" };
      }),
    whyBroken: () => broken,
  };
}

function shrinkRun(job: JobResult, caseId: string, wanted: string, isTooLong: boolean): ShrinkRun {
  const [told, result] = [runOf(job, caseId), job.cases.find((one) => one.case.id === caseId)];
  if (told === undefined || result === undefined) return { outcome: "untold", jobId: job.jobId };
  const message = whyOf(result);
  const { durationMs } = result;
  return {
    ...{ outcome: outcomeOf(told, wanted, isTooLong), ...told, durationMs },
    ...(message === undefined ? {} : { message }),
  };
}
