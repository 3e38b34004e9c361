import { hostname, userInfo } from "node:os";
import { messageOf } from "../lib/errors.js";
import { jobLockFolder, type LockedMachine } from "../lib/lock/guarded.js";
import { acquireLocks, type HostLock, takeOver } from "../lib/lock/host-lock.js";
import type { LockRecord } from "../lib/lock/lock-record.js";
import type { JobRecord } from "../lib/model/job.js";
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

/**
 * Takes the locks of every machine that the job changes.
 * @throws HarnessError `host-busy` saying who holds one
 */
export const lockMachines = async (job: JobRecord, machines: Machines, folder: string): Promise<HeldLocks> =>
  held(
    await acquireLocks([...lockedMachines(job, machines).values()], job.token, lockRecord(job, folder, "runs cases")),
  );

/** The same for a job whose runner died: whatever that one left under way is waited for, what comes later is refused. */
export async function takeOverMachines(
  job: JobRecord,
  deadToken: string,
  machines: Machines,
  folder: string,
): Promise<HeldLocks> {
  const locks: HostLock[] = [];
  try {
    for (const { remote, ...place } of lockedMachines(job, machines).values())
      locks.push(
        await takeOver(remote, { deadToken, token: job.token }, lockRecord(job, folder, "puts hosts back"), place),
      );
    return held(locks);
  } catch (error) {
    // Still dirty: nobody else may have them yet.
    await Promise.allSettled(locks.map((lock) => lock.abandon()));
    throw error;
  }
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
