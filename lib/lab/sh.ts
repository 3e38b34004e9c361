import { HarnessError } from "../errors.js";
import { localRun } from "../transport/local.js";
import type { Run } from "../transport/transport.js";

const DEFAULT_TIMEOUT_MS = 60_000;

export const here: Run = localRun("this machine");

/** Runs a program on this machine and wants it to succeed. */
export async function must(
  file: string,
  args: readonly string[],
  options: { timeoutMs?: number; input?: string } = {},
): Promise<string> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, input } = options;
  const { exitCode, stdout, stderr } = await here({ file, args, timeoutMs, ...(input === undefined ? {} : { input }) });
  if (exitCode === 0) return stdout;
  const said = stderr.trim() || stdout.trim() || `exit ${exitCode}`;
  // Of a script its words are enough: its text would bury them.
  throw new HarnessError("command-failed", file === "sh" ? said : `${file} ${args.join(" ")}: ${said}`);
}

/** The same, for a fixed script with arguments. */
export const mustSh = (
  script: string,
  args: readonly string[] = [],
  options: { timeoutMs?: number } = {},
): Promise<string> => must("sh", ["-c", `set -eu\n${script}`, "sh", ...args], options);

/** Runs a fixed script that makes a part of a lab. */
export type Maker = (script: string, args: readonly string[]) => Promise<string>;

/**
 * Scripts that first join a control group, or end when it is gone. A script outlives a runner that is killed; this way
 * whoever takes the lab down can end it, and be sure that none comes later.
 * @param group the file to write to, from `makeGroup`
 */
export const joining =
  (group: string): Maker =>
  (script, args) =>
    mustSh(`echo $$ > "$1"\nshift\n${script}`, [group, ...args]);

/** Whether a program on this machine succeeds. */
export const succeeds = async (file: string, args: readonly string[]): Promise<boolean> =>
  (await here({ file, args, timeoutMs: DEFAULT_TIMEOUT_MS })).exitCode === 0;
