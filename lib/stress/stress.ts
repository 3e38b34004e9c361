import { randomBytes } from "node:crypto";
import { HarnessError } from "../errors.js";
import type { LoadSighting } from "../model/check.js";
import type { Command, CommandResult, HostChange } from "../model/command.js";
import type { Run } from "../transport/transport.js";
import { ASK, SIGHT, START, STOP } from "./scripts.js";
import { parseSighting } from "./sighting.js";

/** One process for good: a pid is given again, a pid with its start time is not. */
export interface LoadProcess {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat. */
  readonly startTicks: number;
}

export interface LoadChange extends HostChange {
  /** Asks afterwards which process it was, where the answer to `apply` did not come back to the asker. */
  readonly ask: Command;
  /** Reads the answer to `apply` or `ask`: the process, or why there is none. */
  readonly read: (result: CommandResult) => LoadProcess | { readonly reason: string };
}

/**
 * Starts a load that outlives the connection, in a session of its own; the undo ends every process of that session. The
 * programs on the machine may be busybox's.
 */
export function startLoad(tool: string, args: readonly string[], jobKey: string): LoadChange {
  const file = `/run/migstorm/job-${jobKey}/load-${randomBytes(4).toString("hex")}`;
  return {
    what: `load: ${[tool, ...args].join(" ")}`,
    apply: sh(START, file, tool, ...args),
    undo: sh(STOP, file),
    ask: sh(ASK, file),
    read: parseStarted,
  };
}

/** `PID TICKS`, or a reason on stderr. */
export function parseStarted({ exitCode, stdout, stderr }: CommandResult): LoadProcess | { readonly reason: string } {
  const [, pid, ticks] = /^(\d{1,10}) (\d{1,20})$/.exec(stdout.trim()) ?? [];
  if (exitCode === 0 && pid !== undefined && ticks !== undefined)
    return { pid: Number(pid), startTicks: Number(ticks) };
  return { reason: stderr.trim() || `it could not be started (exit ${exitCode})` };
}

/**
 * Looks whether a load still runs, as the very same process, and how much CPU time it has used with all its workers.
 * @throws HarnessError `command-failed` when the machine does not say.
 */
export async function sightLoad(run: Run, process: LoadProcess): Promise<Pick<LoadSighting, "alive" | "cpuS">> {
  const { host, exitCode, stdout, stderr } = await run(sh(SIGHT, String(process.pid)));
  const sighting = exitCode === 0 ? parseSighting(stdout, process) : undefined;
  if (sighting !== undefined) return sighting;
  throw new HarnessError("command-failed", `${host}: cannot look at the load: ${stderr.trim()}`);
}

const sh = (script: string, ...args: string[]): Command => ({
  file: "sh",
  args: ["-c", script, "sh", ...args],
  timeoutMs: 30_000,
});
