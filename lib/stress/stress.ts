import { randomBytes } from "node:crypto";
import { HarnessError } from "../errors.js";
import type { Command, CommandResult, HostChange } from "../model/command.js";
import { ask } from "../transport/ask.js";
import type { Run } from "../transport/transport.js";
import { ASK, SIGHT, START, STOP } from "./scripts.js";
import { parseLeft, parseSighting, type Sighted } from "./sighting.js";

/** One process for good: a pid is given again, a pid with its start time is not. */
export interface LoadProcess {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat. */
  readonly startTicks: number;
}

/** What becomes of a load when memory runs out: see the scripts. */
export type Keeping = "once" | "first" | "again";

export interface LoadChange extends HostChange {
  /** Where the machine keeps what is known of it. */
  readonly file: string;
  /** Asks afterwards which process it was, where the answer to `apply` did not come back to the asker. */
  readonly ask: Command;
  /** Reads the answer to `apply` or `ask`: the process, or why there is none. */
  readonly read: typeof parseStarted;
}

/**
 * Starts a load that outlives the connection, in a session of its own; the undo ends every process of that session. The
 * programs on the machine may be busybox's.
 */
export function startLoad(
  tool: string,
  args: readonly string[],
  jobKey: string,
  keeping: Keeping = "once",
): LoadChange {
  const file = `/run/migstorm/job-${jobKey}/load-${randomBytes(4).toString("hex")}`;
  return {
    file,
    what: `load: ${[tool, ...args].join(" ")}`,
    apply: sh(START, keeping, file, tool, ...args),
    undo: { ...sh(STOP, file), timeoutMs: STOP_MS },
    ask: sh(ASK, file),
    read: parseStarted,
  };
}

/** `PID TICKS`, or a reason on stderr; `missing`: the machine does not have the program. */
export function parseStarted({
  exitCode,
  stdout,
  stderr,
}: CommandResult): LoadProcess | { readonly reason: string; readonly missing: boolean } {
  const [, pid, ticks] = /^(\d{1,10}) (\d{1,20})$/.exec(stdout.trim()) ?? [];
  if (exitCode === 0 && pid !== undefined && ticks !== undefined)
    return { pid: Number(pid), startTicks: Number(ticks) };
  return { reason: stderr.trim() || `it could not be started (exit ${exitCode})`, missing: exitCode === 127 };
}

type Known = LoadProcess & Pick<LoadChange, "file">;

/**
 * Looks whether a load still runs, as the very same process, and what it has used with all its workers.
 * @throws HarnessError `command-failed` when the machine does not say.
 */
export const sightLoad = (run: Run, process: Known & { readonly tool: string }): Promise<Sighted> =>
  look(run, process, (text) => parseSighting(text, process));

/** Looks how many processes of a load there are. @throws as `sightLoad` */
export const leftOfLoad = (run: Run, process: Known): Promise<number> =>
  look(run, process, (text) => parseLeft(text, process));

async function look<T>(run: Run, { pid, file }: Known, read: (text: string) => T | undefined): Promise<T> {
  const { host, exitCode, stdout, stderr } = await ask(run, sh(SIGHT, String(pid), file));
  const seen = exitCode === 0 ? read(stdout) : undefined;
  if (seen !== undefined) return seen;
  throw new HarnessError("command-failed", `${host}: cannot look at the load: ${stderr.trim()}`);
}

/** More than its tries take on a host that is busy. */
const STOP_MS = 120_000;

const sh = (script: string, ...args: string[]): Command => ({
  file: "sh",
  args: ["-c", script, "sh", ...args],
  timeoutMs: 30_000,
});
