import { hostname, userInfo } from "node:os";
import { allDone } from "../lib/all-done.js";
import { messageOf } from "../lib/errors.js";
import { jobLockFolder, type LockedMachine } from "../lib/lock/guarded.js";
import { acquireLocks, type HostLock, hasOwner, isAtWork, takeOver } from "../lib/lock/host-lock.js";
import type { KeptFor, LockRecord } from "../lib/lock/lock-record.js";
import type { JobRecord } from "../lib/model/job.js";
import { shortMoment } from "../lib/model/kept.js";
import type { Machines } from "./machines.js";

export interface HeldLocks {
  /** Resolves when one of them turns out to be no longer ours. */
  readonly lost: Promise<string>;
  /** Gives them back. Harmless twice. @returns what could not be, for people */
  readonly release: () => Promise<string[]>;
  /** Leaves them behind, with nobody alive: what is still changed there is for `recover`, and for nobody else. */
  readonly abandon: () => Promise<void>;
}

/**
 * Machines that the job changes, by the name that journals know them under, each with the place of its lock. A host is
 * the job's alone; a machine that only makes disks is not, so several jobs may use it at once.
 */
export function lockedMachines(
  { jobKey }: Pick<JobRecord, "jobKey">,
  { hosts, storage }: Pick<Machines, "hosts" | "storage">,
): ReadonlyMap<string, LockedMachine> {
  const locked = new Map([...hosts].map(([name, remote]): [string, LockedMachine] => [name, { remote }]));
  if (storage !== undefined && !locked.has(storage.name))
    locked.set(storage.name, { remote: storage, base: jobLockFolder(jobKey), isOwn: true });
  return locked;
}

/** The locks of a job that runs cases. */
export interface JobLocks extends HeldLocks {
  /**
   * Writes on every machine until when it is kept as a case left it; absent: that it is not. Rejects when one could not be
   * told.
   */
  readonly keep: (kept?: KeptFor) => Promise<void>;
}

/**
 * Takes the locks of every machine that the job changes.
 * @throws HarnessError `host-busy` saying who holds one
 */
export async function lockMachines(job: JobRecord, machines: Machines, folder: string): Promise<JobLocks> {
  const ours = [...lockedMachines(job, machines).values()];
  const plain = lockRecord(job, folder, "runs cases");
  const locks = await acquireLocks(ours, job.token, plain);
  const keep = async (kept?: KeptFor): Promise<void> => {
    const record = kept === undefined ? plain : keptRecord(job, folder, kept);
    await allDone(locks.map((lock) => lock.note(record)));
  };
  return { ...held(locks), keep };
}

/** What a machine says of itself that is kept; after that time it reads like what any dead job has left. */
export const keptRecord = (job: JobRecord, folder: string, kept: KeptFor): LockRecord => ({
  ...lockRecord(job, folder, `kept for case ${kept.caseId} until ${shortMoment(kept.until)}`),
  kept,
});

/** The machines whose locks were taken over, and why the others' were not. */
export interface TakenOver extends Omit<HeldLocks, "lost"> {
  readonly machines: ReadonlyMap<string, LockedMachine>;
  readonly refused: ReadonlyMap<string, Refusal>;
}

/** Why the lock of a machine was not to be had. */
export interface Refusal {
  readonly reason: string;
  /** Another job has it: the dead one's is not there any more. */
  readonly isOthers: boolean;
}

/**
 * Takes the place of a job whose runner died, on each machine on its own: whatever that one left under way is waited for,
 * what comes later is refused.
 * @throws HarnessError `host-busy` when the job's runner, or another recovery of it, is at work; then nothing is held
 */
export async function takeOverMachines(
  job: JobRecord,
  deadToken: string,
  reached: Pick<Machines, "hosts" | "storage">,
  folder: string,
): Promise<TakenOver> {
  const locks: HostLock[] = [];
  const [machines, refused] = [new Map<string, LockedMachine>(), new Map<string, Refusal>()];
  for (const [name, machine] of lockedMachines(job, reached))
    try {
      const { remote, ...place } = machine;
      const tokens = { deadToken, token: job.token };
      locks.push(await takeOver(remote, tokens, lockRecord(job, folder, "puts hosts back"), place));
      machines.set(name, machine);
    } catch (error) {
      if (isAtWork(error, job.jobId)) {
        // Still dirty: nobody else may have them yet.
        await held(locks).abandon();
        throw error;
      }
      refused.set(name, { reason: messageOf(error), isOthers: hasOwner(error) });
    }
  const { release, abandon } = held(locks);
  return { machines, refused, release, abandon };
}

const lockRecord = ({ jobId }: JobRecord, resultsDir: string, reason: string): LockRecord => ({
  jobId,
  who: userInfo().username,
  controller: hostname(),
  pid: process.pid,
  since: new Date().toISOString(),
  reason,
  resultsDir,
});

const held = (locks: readonly HostLock[]): HeldLocks => ({
  lost: Promise.race(locks.map(async ({ host, lost }) => `the lock on ${host} was lost: ${await lost}`)),
  abandon: async () => {
    await Promise.allSettled(locks.map((lock) => lock.abandon()));
  },
  release: async () => {
    const outcomes = await Promise.all(
      locks.map(({ host, release }) =>
        release().then(
          () => [],
          (error: unknown) => [`the lock on ${host} could not be given back: ${messageOf(error)}`],
        ),
      ),
    );
    return outcomes.flat();
  },
});
