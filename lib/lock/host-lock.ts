import { HarnessError } from "../errors.js";
import type { Remote } from "../transport/transport.js";
import { type LockedMachine, RUN_FOLDER } from "./guarded.js";
import { type Claim, type Held, hold, holdAgain } from "./holder.js";
import { type LockRecord, type Owner, parseOwner } from "./lock-record.js";
import { ACQUIRE, NOTE, READ, RELEASE, TAKE_OVER } from "./scripts.js";

export type { LockRecord, Owner } from "./lock-record.js";

/** The right to change a host, for `guarded` and `changeHost`. */
export interface HostLock {
  readonly host: string;
  readonly token: string;
  /** Resolves when the lock turns out to be no longer ours; never after `release`. */
  readonly lost: Promise<string>;
  /** Gives it back; harmless twice, and when it is no longer ours. Rejects when the host could not be told. */
  readonly release: () => Promise<void>;
  /** Writes on the host anew why we have it. Rejects when the host could not be told. */
  readonly note: (record: LockRecord) => Promise<void>;
  /** Ends our sign of life and leaves the host marked as ours, for a later `takeOver`: it is not as it was. */
  readonly abandon: () => Promise<void>;
}

/** Where the lock lies. */
export type LockOptions = Omit<LockedMachine, "remote">;

/**
 * Takes the lock of a host for the job with this token (any unguessable word without spaces). Taking it again with the
 * same token is fine.
 * @throws HarnessError `host-busy` saying who has it and what to do, `unreachable`, `command-failed`
 */
export const acquireLock = (
  remote: Remote,
  token: string,
  record: LockRecord,
  { base = RUN_FOLDER, isOwn = false }: LockOptions = {},
): Promise<HostLock> => take(remote, { base, isOwn, token, record: JSON.stringify(record) }, ACQUIRE, []);

/** All of them or none, in the order of their names, so that two jobs that want the same hosts do not block each other. */
export async function acquireLocks(
  machines: readonly LockedMachine[],
  token: string,
  record: LockRecord,
): Promise<HostLock[]> {
  const locks: HostLock[] = [];
  try {
    for (const { remote, ...place } of [...machines].sort((a, b) => (a.remote.name < b.remote.name ? -1 : 1)))
      locks.push(await acquireLock(remote, token, record, place));
    return locks;
  } catch (error) {
    await Promise.allSettled(locks.map((lock) => lock.release()));
    throw error;
  }
}

/**
 * Takes the place of a job whose runner is gone: waits for the commands that it left running, and from then on the host
 * refuses whatever still comes from it. Also where the host was restarted and knows nothing of that job, and where an
 * earlier `takeOver` for the same job died in its turn.
 * @throws HarnessError `host-busy` when its runner is alive or another job has the host
 */
export async function takeOver(
  remote: Remote,
  { deadToken, token }: { readonly deadToken: string; readonly token: string },
  record: LockRecord,
  { base = RUN_FOLDER, isOwn = false }: LockOptions = {},
): Promise<HostLock> {
  if (token === deadToken) throw new HarnessError("internal", "a lock is taken over with a token of one's own");
  const claim = { base, isOwn, token, record: JSON.stringify(record) };
  try {
    return await take(remote, claim, TAKE_OVER, [deadToken]);
  } catch (error) {
    const owner = ownerIn(error);
    if (owner === undefined || owner.lives || owner.record?.jobId !== record.jobId) throw error;
    return take(remote, claim, TAKE_OVER, [owner.token]);
  }
}

/** Whether a takeover failed because somebody is at work for that very job: its runner, or another recovery. */
export function isAtWork(error: unknown, jobId: string): boolean {
  const owner = ownerIn(error);
  if (owner !== undefined) return owner.lives && owner.record?.jobId === jobId;
  return error instanceof HarnessError && error.details.lives === true;
}

/** Whether a lock was not to be had because it is somebody's. */
export const hasOwner = (error: unknown): boolean => ownerIn(error) !== undefined;

const ownerIn = (error: unknown): Owner | undefined =>
  error instanceof HarnessError && error.code === "host-busy" ? (error.details.owner as Owner | undefined) : undefined;

/** Who has the host; undefined when nobody has. */
export async function readLock(remote: Remote, { base = RUN_FOLDER }: LockOptions = {}): Promise<Owner | undefined> {
  return parseOwner((await script(remote, READ, [base])).split("\n"), Date.now());
}

/**
 * Writes on the host anew why this job has it, also when the job's runner is gone.
 * @throws HarnessError `command-failed` when the lock is no longer that job's, `unreachable`
 */
export async function noteOwner(
  remote: Remote,
  token: string,
  record: LockRecord,
  { base = RUN_FOLDER }: LockOptions = {},
): Promise<void> {
  await script(remote, NOTE, [base, token, JSON.stringify(record)]);
}

/** Takes the lock away from the job with this token, dead or alive. Its later commands are refused. */
export async function breakLock(remote: Remote, token: string, { base = RUN_FOLDER }: LockOptions = {}): Promise<void> {
  await script(remote, RELEASE, [base, token, ""]);
}

async function take(remote: Remote, claim: Claim, text: string, more: readonly string[]): Promise<HostLock> {
  const held = await hold(remote, claim, text, more);
  let current = held.running;
  let released = false;
  const abandon = async (): Promise<void> => {
    released = true;
    await current.stop();
  };
  const lost = new Promise<string>((resolve) => {
    const watch = ({ running, boot }: Held): void => {
      current = running;
      void running.ended.then(async () => {
        if (released) return;
        const again = await holdAgain(remote, claim, boot, () => released);
        if (typeof again !== "string") watch(again);
        else if (!released) resolve(again);
      });
    };
    watch(held);
  });
  return {
    host: remote.name,
    token: claim.token,
    lost,
    release: async () => {
      released = true;
      await script(remote, RELEASE, [claim.base, claim.token, claim.isOwn ? "own" : ""]);
      await current.stop();
    },
    note: (record) => noteOwner(remote, claim.token, record, { base: claim.base }),
    abandon,
  };
}

const SCRIPT_TIMEOUT_MS = 310_000;

async function script(remote: Remote, text: string, args: readonly string[]): Promise<string> {
  const command = { file: "sh", args: ["-c", text, "sh", ...args], timeoutMs: SCRIPT_TIMEOUT_MS };
  const { exitCode, stdout, stderr } = await remote.run(command);
  if (exitCode === 0) return stdout;
  throw new HarnessError("command-failed", `${remote.name}: the host's lock: ${stderr.trim()}`);
}
