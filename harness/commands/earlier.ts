import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Case } from "../../lib/model/case.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { JobResult } from "../../lib/model/result.js";
import type { Status } from "../../lib/model/status.js";
import { badInput } from "../places.js";
import { readStoredJob } from "./stored-job.js";

export interface EarlierOptions {
  /** Folder of a job or a soak; `true`: the latest one. */
  readonly lastFailed?: string | true;
  readonly failedFirst?: string | true;
  readonly resultsDir?: string;
}

/** Options that choose or order cases by how they ended earlier. */
export const withEarlier = (command: Command): Command =>
  command
    .option("--last-failed [dir]", "keep cases that failed, erred or were interrupted there (default: the latest job)")
    .option("--failed-first [dir]", "put those cases first, and leave the others in their order");

/**
 * Leaves, or puts first, the cases whose last verdict was FAIL, ERROR or INTERRUPTED. WARN and what was skipped are none of
 * them: the first leaves the exit code at 0, and of the second nothing is known.
 * @throws HarnessError `bad-input` when there is no such job, and with `--last-failed` when nothing is left
 */
export async function byEarlier(cases: readonly Case[], options: EarlierOptions): Promise<Case[]> {
  const { lastFailed, failedFirst } = options;
  if (lastFailed !== undefined && failedFirst !== undefined)
    throw badInput(["--last-failed leaves nothing for --failed-first to order: say one of them"]);
  const given = lastFailed ?? failedFirst;
  if (given === undefined) return [...cases];
  const dir = given === true ? join(options.resultsDir ?? "job-results", "latest") : given;
  if (/\.ya?ml$/.test(dir))
    throw badInput([`${plainText(dir)} is no folder of a job: write --failed-first=DIR, or put the option last`]);
  const failed = await failedIn(resolve(dir));
  const chosen = cases.filter(({ id }) => failed.has(id));
  if (failedFirst !== undefined) return [...chosen, ...cases.filter(({ id }) => !failed.has(id))];
  if (failed.size === 0) throw badInput([`no case failed in ${plainText(dir)}`]);
  if (chosen.length === 0)
    throw badInput([`none of the ${failed.size} cases that failed in ${plainText(dir)} is selected`]);
  return chosen;
}

const FAILED: ReadonlySet<Status> = new Set(["FAIL", "ERROR", "INTERRUPTED"]);
const UNKNOWN: ReadonlySet<Status> = new Set(["SKIP", "CANCEL"]);

/** Of the passes of a soak each case's last verdict counts; one that was skipped there keeps the verdict before. */
async function failedIn(folder: string): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  for (const { cases } of await jobsIn(folder))
    for (const { case: testCase, status } of cases) {
      if (FAILED.has(status)) failed.add(testCase.id);
      else if (!UNKNOWN.has(status)) failed.delete(testCase.id);
    }
  return failed;
}

/** The job, or the passes of the soak, the oldest first. A pass that broke off before it had a plan tells nothing. */
async function jobsIn(folder: string): Promise<JobResult[]> {
  const names = await readdir(folder).catch((): string[] => []);
  if (!names.includes("soak.json")) return [await readStoredJob(folder)];
  const passes: JobResult[] = [];
  for (const name of names.filter((one) => one.startsWith("job-")))
    passes.push(...(await readStoredJob(join(folder, name)).then((job) => [job], none)));
  return passes.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

const none = (): JobResult[] => [];
