import { resolve } from "node:path";
import { messageOf } from "../../lib/errors.js";
import type { Case } from "../../lib/model/case.js";
import type { JobRecord } from "../../lib/model/job.js";
import type { JobPlan } from "../../lib/model/result.js";
import { makeFolder, writeJson } from "../../lib/store/artifacts.js";
import { pointFirst, pointLatest } from "../../lib/store/latest.js";
import { makeResultsFolder } from "../../lib/store/results-folder.js";
import type { interruptible } from "../engine/interrupt.js";
import { execute } from "./execute.js";
import { inQuestion, notified } from "./notifier.js";
import { appendStepSummary } from "./step-summary.js";

export interface OneJob {
  readonly job: JobRecord;
  readonly cases: readonly Case[];
  readonly resultsDir: string;
  readonly failFast: boolean;
  /** Every case boots guests of its own. */
  readonly freshGuests: boolean;
  /** Milliseconds for which hosts are kept as the first failure left them; absent: they are put back. */
  readonly keepMs?: number | undefined;
  /** Where people elsewhere are told; absent: nobody is. */
  readonly webhook: string | undefined;
  readonly interrupt: ReturnType<typeof interruptible>;
  readonly write: (text: string) => void;
  /** Told what is going to be done, and on which hosts, before the first case. */
  readonly onPlan?: (plan: JobPlan) => void;
}

/**
 * Runs cases as one job in a folder of its own. `latest` points to it once it has hosts and a plan: a job that was refused is
 * none to look at. @returns the exit code
 */
export async function oneJob(one: OneJob): Promise<number> {
  const { job, cases, failFast, freshGuests, keepMs, webhook, interrupt, write, onPlan } = one;
  const folder = resolve(one.resultsDir, job.jobId);
  await makeResultsFolder(resolve(one.resultsDir));
  await makeFolder(folder);
  await writeJson(`${folder}/job.json`, job);
  await pointFirst(resolve(one.resultsDir), job.jobId);
  let pointing = Promise.resolve();
  const begin = (plan: JobPlan): void => {
    pointing = pointLatest(resolve(one.resultsDir), job.jobId).catch((error) => write(`${messageOf(error)}\n`));
    onPlan?.(plan);
  };
  return notified({ webhook, job: inQuestion(job, folder), write }, async (notifier) => {
    const how = { folder, failFast, keepMs, interrupt, write, notifier, onPlan: begin };
    const code = await execute(job, { kind: "fresh", cases, freshGuests }, how);
    await pointing;
    await appendStepSummary(folder, write);
    return code;
  });
}
