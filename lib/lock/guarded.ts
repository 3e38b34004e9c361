import { HarnessError } from "../errors.js";
import type { Command, CommandResult } from "../model/command.js";
import { ask } from "../transport/ask.js";
import type { Remote } from "../transport/transport.js";

/** Where a host keeps who uses it. Empty after a restart of the host, and so is everything that was changed for a while. */
export const RUN_FOLDER = "/run/migstorm";

/**
 * Where a machine that only makes disks keeps a job's lock: what a job makes there carries its key, so jobs that share
 * the machine do not meet, and each needs no more than the fence around itself.
 */
export const jobLockFolder = (jobKey: string): string => `${RUN_FOLDER}/storage-${jobKey}`;

/** A machine, and where on it the lock lies. */
export interface LockedMachine {
  readonly remote: Remote;
  /** Default `/run/migstorm`. */
  readonly base?: string;
  /** Nobody but this job uses the folder: it goes with the lock. */
  readonly isOwn?: boolean;
}

/** Who may change a host: whoever holds the lock with this token. */
export interface Fence {
  readonly token: string;
  /** Default `/run/migstorm`. */
  readonly base?: string;
  /** Wait until every other guarded command on the host has ended, and keep others out. Default: beside them. */
  readonly alone?: boolean;
  /**
   * Name of the change, a word. Its apply runs unless the change was given up; a command that runs `alone` gives it up,
   * so that an apply that was sent, and whose connection broke, cannot land when it arrives late.
   */
  readonly change?: string;
}

/** Exit code of the fence itself. */
const REFUSED = 113;
/** A command that runs alone waits this long for the others; each of them is bounded. */
const WAIT_ALONE_MS = 300_000;
const WAIT_SHARED_MS = 60_000;
/** SIGTERM, five seconds, SIGKILL; and a moment for the answer. */
const END_MS = 8_000;

/**
 * The lock on `fence` is held by this shell and not by the program, so that what the program leaves running in the
 * background does not keep it. The limit stands inside: nothing is let go of while the command still runs.
 */
const GUARD = `base=$1 token=$2 mode=$3 wait=$4 limit=$5 change=$6
shift 6
lost="the lock on this host is no longer ours"
refuse() { printf '%s\\n' "$1" >&2; exit ${REFUSED}; }
[ -r "$base/fence" ] || refuse "$lost"
exec 9<"$base/fence"
flock "$mode" -w "$wait" 9 || { printf '%s\\n' "another change to this host does not end" >&2; exit 124; }
first=
{ read -r first <"$base/owner"; } 2>/dev/null
[ "$first" = "$token" ] || refuse "$lost"
if [ -n "$change" ]; then
  if [ "$mode" = -x ]; then : >"$base/void-$change" || exit 1; fi
  [ "$mode" = -x ] || [ ! -e "$base/void-$change" ] || refuse "this change was given up before it began"
fi
timeout -k 5 "$limit" "$@" 9<&-`;

/**
 * The same command behind the fence: it runs while the host's lock is ours, and not at all when it is not. Whoever takes
 * the lock over waits for the ones that run and shuts out the later ones, so nothing lands after an undo.
 */
export function guarded({ token, base = RUN_FOLDER, alone = false, change = "" }: Fence, command: Command): Command {
  const waitMs = alone ? WAIT_ALONE_MS : WAIT_SHARED_MS;
  const fence = [
    base,
    token,
    alone ? "-x" : "-s",
    String(waitMs / 1000),
    String(Math.max(1, command.timeoutMs) / 1000),
    change,
  ];
  return {
    ...command,
    file: "sh",
    args: ["-c", GUARD, "sh", ...fence, command.file, ...command.args],
    timeoutMs: command.timeoutMs + waitMs + END_MS,
  };
}

/**
 * Runs a command behind the fence; the result tells of the command itself.
 * @throws HarnessError `host-busy` when the lock is no longer ours, `deadline` when the command ran over, `unreachable`
 */
export async function runGuarded(
  remote: Remote,
  fence: Fence,
  command: Command,
  { again = false }: { /** Doing it twice is harmless. */ readonly again?: boolean } = {},
): Promise<CommandResult> {
  const wrapped = guarded(fence, command);
  const result = again ? await ask(remote.run, wrapped) : await remote.run(wrapped);
  if (result.exitCode === REFUSED)
    throw new HarnessError("host-busy", `${remote.name}: ${result.stderr.trim()}`, { command });
  if ((result.exitCode === 124 || result.exitCode === 137) && result.durationMs >= command.timeoutMs)
    throw new HarnessError("deadline", `${remote.name}: ${command.file} ran past ${command.timeoutMs} ms`, { command });
  return { ...result, command };
}
