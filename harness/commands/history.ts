import { readdir } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { HarnessError, messageOf } from "../../lib/errors.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { JobResult } from "../../lib/model/result.js";
import { digestOf, type JobDigest } from "../../reports/history/digest.js";
import { historyOf, type SkippedFolder } from "../../reports/history/history.js";
import { renderHistoryJson } from "../../reports/history/history-json.js";
import { historyText } from "../../reports/history/history-text.js";
import { EXIT } from "../exit-code.js";
import { matches } from "../select.js";
import { readStoredJob } from "./stored-job.js";

export interface HistoryVerbOptions {
  /** The latest so many jobs only. */
  readonly last?: number;
  /** Id of a case; `*` stands for anything. */
  readonly case?: string;
  readonly json?: boolean;
}

/**
 * Tells how cases went from job to job, over all jobs and passes of a results folder.
 * @throws HarnessError `bad-input` when there is no such folder, or no job has such a case
 */
export async function history(
  resultsDir: string,
  { last, case: glob, json }: HistoryVerbOptions,
  write: (text: string) => void,
): Promise<number> {
  const isAsked = (id: string): boolean => glob === undefined || matches(id, glob);
  const { digests, skipped } = await readLatest(resultsDir, last ?? Number.POSITIVE_INFINITY, isAsked);
  if (glob !== undefined && digests.length > 0 && digests.every(({ cases }) => cases.size === 0))
    throw new HarnessError("bad-input", `no job in ${resultsDir} has a case ${plainText(glob)}`);
  const told = historyOf(digests, skipped);
  write(json === true ? renderHistoryJson(told) : `${historyText(told, last)}\n`);
  return EXIT.ok;
}

/** One job after the other, and of each only its digest stays: a thousand nights do not fit into memory. */
async function readLatest(
  resultsDir: string,
  most: number,
  isAsked: (id: string) => boolean,
): Promise<{ readonly digests: JobDigest[]; readonly skipped: SkippedFolder[] }> {
  const [digests, skipped]: [JobDigest[], SkippedFolder[]] = [[], []];
  for (const path of await jobFolders(resolve(resultsDir))) {
    if (digests.length >= most) break;
    const folder = relative(resolve(resultsDir), path);
    try {
      digests.push(digestOf(await readEnded(path), folder, isAsked));
    } catch (error) {
      skipped.push({ folder, reason: messageOf(error) });
    }
  }
  return { digests, skipped };
}

async function readEnded(path: string): Promise<JobResult> {
  const job = await readStoredJob(path);
  if (job.interrupted && job.runner === undefined)
    throw new HarnessError("bad-input", "not finished: it still runs, or was cut off");
  return job;
}

/** Every job's folder and every pass's that is still there, the latest first: the names begin with the time. */
async function jobFolders(resultsDir: string): Promise<string[]> {
  const names = await readdir(resultsDir).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" || code === "ENOTDIR" ? "there is no such folder" : messageOf(error);
    throw new HarnessError("bad-input", `${plainText(resultsDir)}: ${plainText(why)}`);
  });
  const soaks = names.filter((name) => name.startsWith("soak-")).map((name) => join(resultsDir, name));
  const passes = await Promise.all(
    soaks.map(async (soak) => (await readdir(soak).catch((): string[] => [])).map((name) => join(soak, name))),
  );
  return [...names.map((name) => join(resultsDir, name)), ...passes.flat()]
    .filter((path) => basename(path).startsWith("job-"))
    .sort((a, b) => (basename(a) < basename(b) ? 1 : -1));
}
