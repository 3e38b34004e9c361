import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { allDone } from "../lib/all-done.js";
import { HarnessError } from "../lib/errors.js";
import { writeOwner } from "../lib/lab/owner.js";
import { noteOwner } from "../lib/lock/host-lock.js";
import { isKeptAt, type KeptFor } from "../lib/lock/lock-record.js";
import type { JobRecord } from "../lib/model/job.js";
import { writeJson } from "../lib/store/artifacts.js";
import { type JobLocks, keptRecord, lockedMachines } from "./locks.js";
import { changedNames, reachMachines, type Secret } from "./machines.js";
import { badInput } from "./places.js";
import { hasRecovery } from "./recovery-record.js";

/** What of a job is kept to be looked at: `kept.json` in its folder. */
export interface KeepRecord extends KeptFor {
  /** Token of the run that left it so: of a resumed job everything was put back before. */
  readonly token: string;
}

/**
 * Holds every machine of a job as a case left it. The job's folder is told last: up to then the job is one that died, and
 * `recover` puts its hosts back.
 * @param before for what they are held already
 * @throws HarnessError when a machine could not be told; then all is as before: if nothing was held, the hosts are to be put back
 */
export async function holdHosts(
  job: JobRecord,
  folder: string,
  kept: KeptFor,
  keep: JobLocks["keep"],
  before?: KeptFor,
): Promise<void> {
  const back = async (error: unknown): Promise<never> => {
    // Those that were told would say for a long time that they are kept.
    await keep(before).catch(() => undefined);
    throw error;
  };
  await keep(kept).catch(back);
  if (job.lab !== undefined) await writeOwner(job.lab, true, kept.until);
  await writeJson(pathIn(folder), { ...kept, token: job.token }).catch(async (error: unknown) => {
    // Nothing more is held then, and nothing is to stay for it.
    if (job.lab !== undefined) await writeOwner(job.lab, true, before?.until);
    return back(error);
  });
}

/**
 * Keeps what a job has left for longer, or for a shorter time, from now on.
 * @throws HarnessError `bad-input` when nothing of it is kept any more, `unreachable`, `command-failed`
 * @returns until when, ISO 8601 UTC
 */
export async function holdOn(folder: string, job: JobRecord, forMs: number, secret: Secret): Promise<string> {
  const kept = await keptOf(folder, job);
  if (kept === undefined) throw badInput([`nothing of ${job.jobId} is kept, so there is no time to make longer`]);
  const reached = await reachMachines(job, changedNames(job), secret);
  try {
    if (reached.unreached.size > 0) throw new HarnessError("unreachable", [...reached.unreached.values()].join("\n"));
    const until = new Date(Date.now() + forMs).toISOString();
    const machines = [...lockedMachines(job, reached).values()];
    const { caseId } = kept;
    const before = { caseId, until: kept.until };
    const keep = async (now: KeptFor = before): Promise<void> => {
      await allDone(
        machines.map(({ remote, ...at }) => noteOwner(remote, job.token, keptRecord(job, folder, now), at)),
      );
    };
    await holdHosts(job, folder, { caseId, until }, keep, before);
    return until;
  } finally {
    await reached.close();
  }
}

const pathIn = (folder: string): string => join(folder, "kept.json");

/** What the last run of a job has left to be looked at, whether its time is over or not; absent once it is being put back. */
export async function keptOf(folder: string, { token }: Pick<JobRecord, "token">): Promise<KeepRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(pathIn(folder), "utf8")) as KeepRecord;
    return record.token === token && !(await hasRecovery(folder, token)) ? record : undefined;
  } catch {
    // Nothing was kept: the usual case.
    return undefined;
  }
}

/** As `keptOf`, as long as its time is not over. */
export async function heldOf(folder: string, job: Pick<JobRecord, "token">): Promise<KeepRecord | undefined> {
  const record = await keptOf(folder, job);
  return isKeptAt(record, Date.now()) ? record : undefined;
}
