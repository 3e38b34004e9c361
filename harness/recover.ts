import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError, messageOf } from "../lib/errors.js";
import { giveUp, outstanding } from "../lib/journal/journal.js";
import { labRuns } from "../lib/lab/status.js";
import { type LockedMachine, runGuarded } from "../lib/lock/guarded.js";
import type { JobRecord } from "../lib/model/job.js";
import { shortMoment } from "../lib/model/kept.js";
import { endPrograms } from "../lib/prepare/work-folder.js";
import { readEvents } from "../lib/store/event-log.js";
import { quote } from "../lib/transport/quote.js";
import { type CaseJournal, caseJournals } from "./case-journals.js";
import { heldOf, keptOf } from "./keep.js";
import { type TakenOver, takeOverMachines } from "./locks.js";
import { changedNames, type Reached, reachMachines, type Secret } from "./machines.js";
import { hasRecovery, type RecoveryRecord, readRecovery, writeRecovery } from "./recovery-record.js";
import { named, undoCases } from "./undo-cases.js";
import { whyNoJob } from "./why-no-job.js";

/** What recovering a job came to. */
export interface Recovery {
  readonly jobId: string;
  /** Changes that were taken back, `h1: disk g1.qcow2`. */
  readonly undone: readonly string[];
  /** Changes on machines that will never come back. */
  readonly givenUp: readonly string[];
  /** What could not be taken back, and why. */
  readonly leftovers: readonly string[];
  /** Machines that could not be spoken to. */
  readonly unreached: readonly string[];
  /** Why no machine was spoken to: there was nothing to take back. */
  readonly note?: string;
  /** That was so before already. */
  readonly wasClean: boolean;
}

export interface RecoverOptions {
  readonly secret: Secret;
  readonly say: (line: string) => void;
  /** Machines that will never come back: what is outstanding there is given up, and their locks are not needed. */
  readonly giveUp?: readonly string[];
  /** Also what is kept to be looked at, although its time is not over. */
  readonly isRelease?: boolean;
}

/**
 * Puts back every machine that a dead job left changed, and gives its locks back. Harmless when run twice. What the dead
 * runner had under way is waited for first, so that nothing lands behind its undo. A machine that cannot be spoken to
 * leaves leftovers, for the next recovery, and does not keep the others from being put back.
 * @throws HarnessError `host-busy` when the job's runner is alive, or somebody may be looking at what it left; `bad-input`
 *   when it is no job's folder
 */
export async function recoverJob(folder: string, options: RecoverOptions): Promise<Recovery> {
  const job = await readJob(folder);
  const journals = await caseJournals(folder);
  const left = (await Promise.all(journals.map(({ path }) => outstanding(path)))).flat();
  const before = await readRecovery(folder, job.token);
  if (!options.isRelease) await refuseKept(folder, job);
  const kept = await keptOf(folder, job);
  if (left.length === 0 && before.isDone) return untouched(job, "was put back before", true);
  // A recovery that was begun may have left locks behind, though its log ends as that of a job with nothing to put back.
  const isWhole = kept === undefined && !(await hasRecovery(folder, job.token));
  if (left.length === 0 && isWhole && (await hasEnded(folder)))
    return untouched(job, "ended by itself, nothing to put back", true);
  if (job.lab !== undefined && !(await labRuns(job.lab))) {
    for (const { path } of journals) await giveUp(path, new Set(changedNames(job)));
    await writeRecovery(folder, { ...before, isDone: true });
    return untouched(job, `its lab ${job.lab} is gone, and its hosts with it: nothing is left to put back`, false);
  }
  options.say(`${job.jobId}: ${left.length} changes to take back on ${job.hosts.join(" and ")}`);
  return putBack(folder, job, journals, before, options);
}

/**
 * Who said that hosts are to be kept would find nothing any more, if they were put back by habit.
 * @throws HarnessError `host-busy` as long as the time of what is kept is not over
 */
export async function refuseKept(folder: string, job: JobRecord): Promise<void> {
  const { jobId, hosts } = job;
  const kept = await heldOf(folder, job);
  if (kept === undefined) return;
  const what = `${hosts.join(" and ")} are kept for case ${kept.caseId} of ${jobId} until ${shortMoment(kept.until)}`;
  throw new HarnessError(
    "host-busy",
    `${what}: somebody may be looking; \`migstorm release ${quote(folder)}\` puts them back`,
  );
}

const untouched = ({ jobId }: JobRecord, note: string, wasClean: boolean): Recovery => ({
  ...{ jobId, note, wasClean },
  ...{ undone: [], givenUp: [], leftovers: [], unreached: [] },
});

async function putBack(
  folder: string,
  job: JobRecord,
  journals: readonly CaseJournal[],
  before: RecoveryRecord,
  { secret, giveUp: more = [] }: RecoverOptions,
): Promise<Recovery> {
  const gone = new Set([...before.givenUp, ...more.filter((name) => changedNames(job).includes(name))]);
  const needed = changedNames(job).filter((name) => !gone.has(name));
  const reached = await reachMachines(job, needed, secret);
  try {
    const token = randomUUID();
    const locks = await takeOverMachines({ ...job, token }, job.token, reached, folder);
    const record = { ...before, givenUp: [...gone] };
    await writeRecovery(folder, record);
    const givenUp = (await Promise.all(journals.map(({ path }) => giveUp(path, gone)))).flat();
    await endLeftPrograms(job, locks.machines, token);
    const { undone, leftovers, stuck } = await undoCases(job, journals, locks.machines, token);
    leftovers.push(...whatKeptUsOut(stuck, reached, locks));
    // What could not be put back is for the next recovery, and for nobody else.
    if (leftovers.length > 0) await locks.abandon();
    else leftovers.push(...(await locks.release()));
    if (leftovers.length === 0) await writeRecovery(folder, { ...record, isDone: true });
    const unreached = [...reached.unreached.keys()];
    return { jobId: job.jobId, undone, givenUp: givenUp.map(named), leftovers, unreached, wasClean: false };
  } finally {
    await reached.close();
  }
}

/** A machine that another job has by now is none of ours, unless something of ours is still on it. */
function whatKeptUsOut(stuck: ReadonlySet<string>, { unreached }: Reached, { refused }: TakenOver): string[] {
  const needed = [...refused].filter(([name, { isOthers }]) => !isOthers || stuck.has(name));
  return [...unreached, ...needed.map(([name, { reason }]) => [name, reason])].map(
    ([name, why]) => `${name}: the job's lock: ${why}`,
  );
}

/**
 * First of all, what the dead runner left running on the hosts: a migration that still begins would bring a guest to where
 * it has been looked for already. A host on which that fails has its undo all the same, which tells.
 */
async function endLeftPrograms(
  { jobKey, hosts }: JobRecord,
  machines: ReadonlyMap<string, LockedMachine>,
  token: string,
): Promise<void> {
  const end = endPrograms(jobKey);
  await Promise.allSettled(
    hosts.flatMap((name) => {
      const machine = machines.get(name);
      return machine === undefined ? [] : [runGuarded(machine.remote, { token }, end, { again: true })];
    }),
  );
}

/** @throws HarnessError `bad-input` when the folder is not a job's */
export async function readJob(folder: string): Promise<JobRecord> {
  const path = join(folder, "job.json");
  try {
    return JSON.parse(await readFile(path, "utf8")) as JobRecord;
  } catch (error) {
    throw new HarnessError("bad-input", (await whyNoJob(folder)) ?? `${path} cannot be read: ${messageOf(error)}`);
  }
}

/** Ended by itself, with its locks given back. */
async function hasEnded(folder: string): Promise<boolean> {
  const last = (await readEvents(join(folder, "events.ndjson"))).at(-1);
  return last?.type === "job-ended" && last.leftovers.length === 0;
}
