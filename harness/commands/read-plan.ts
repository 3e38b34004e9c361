import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError, messageOf } from "../../lib/errors.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { JobPlan } from "../../lib/model/result.js";
import { whyNoJob } from "../why-no-job.js";

/** @throws HarnessError `bad-input` when the job has none, or the folder is no job's */
export async function readPlan(folder: string): Promise<JobPlan> {
  try {
    return JSON.parse(await readFile(join(folder, "plan.json"), "utf8")) as JobPlan;
  } catch (error) {
    throw new HarnessError("bad-input", (await whyNoJob(folder)) ?? unreadable(folder, messageOf(error)));
  }
}

const unreadable = (folder: string, reason: string): string =>
  `${plainText(folder)} has no readable plan.json: the job broke off before it had a plan, run it anew (${plainText(reason)})`;
