import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError, messageOf } from "../../lib/errors.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { JobPlan } from "../../lib/model/result.js";

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

/** Of a folder that never was a job's; undefined for one that was. */
async function whyNoJob(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return `${plainText(folder)}: there is no such folder`;
  if (names.includes("job.json") || names.includes("plan.json")) return undefined;
  const inside = names
    .filter((name) => /^job-\d/.test(name))
    .sort()
    .at(-1);
  const hint = inside === undefined ? "" : `; name a job's, e.g. ${plainText(join(folder, inside))}`;
  return `${plainText(folder)} is not the folder of a job: it has no job.json${hint}`;
}
