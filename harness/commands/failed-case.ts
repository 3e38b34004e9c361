import type { Case } from "../../lib/model/case.js";
import type { JobRecord } from "../../lib/model/job.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { JobPlan } from "../../lib/model/result.js";
import { failureOf, failureSignature } from "../../reports/signature.js";
import { badInput } from "../places.js";
import { readJob } from "../recover.js";
import { readPlan } from "./read-plan.js";
import { casesOf } from "./replay.js";
import { readStoredJob } from "./stored-job.js";

/** A case that failed, and what is known of it. */
export interface FailedCase {
  readonly folder: string;
  readonly job: JobRecord;
  readonly plan: JobPlan;
  readonly testCase: Case;
  readonly signature: string;
  /** The check that said so; absent where the case broke off. */
  readonly check?: string;
  /** Whose guests it took over; absent: it had its own. */
  readonly guestsOf?: string;
}

/**
 * The case of a job, by its id, and how it failed there.
 * @throws HarnessError `bad-input` for a folder that is no job's, an id of none or of many, and a case that did not fail
 */
export async function failedCase(folder: string, id: string): Promise<FailedCase> {
  const [job, plan, { cases, hosts }] = [await readJob(folder), await readPlan(folder), await readStoredJob(folder)];
  const [testCase, ...more] = casesOf(plan, { id: [id] });
  if (testCase === undefined || more.length > 0)
    throw badInput([`${plainText(id)} stands for ${more.length + 1} cases, and one is wanted, e.g. ${testCase?.id}`]);
  const result = cases.find((one) => one.case.id === testCase.id);
  const failure = result === undefined || result.status === "INTERRUPTED" ? undefined : failureOf(result);
  const signature =
    result &&
    failureSignature(
      result,
      hosts.map(({ host }) => host),
    );
  if (failure === undefined || signature === undefined)
    throw badInput([
      `${testCase.id} did not fail in ${plainText(folder)}, it was ${result?.status ?? "not run"}: nothing to look for`,
    ]);
  const planned = plan.plans.find((one) => one.case.id === testCase.id);
  const herd = planned?.verdict === "run" && planned.herd !== testCase.id ? planned.herd : undefined;
  return {
    ...{ folder, job, plan, testCase, signature },
    ...(failure.check === undefined ? {} : { check: failure.check }),
    ...(herd === undefined ? {} : { guestsOf: herd }),
  };
}
