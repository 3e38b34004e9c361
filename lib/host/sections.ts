import { HarnessError } from "../errors.js";
import type { Run } from "../transport/transport.js";

/**
 * Asks a machine with a script that prints sections, the last of them `end`: an answer without it is not whole.
 * @param failure what it comes to when it fails, for the message: `cannot look at the host`
 * @throws HarnessError `command-failed` when it fails or was cut short
 */
export async function askSections(
  run: Run,
  { script, args, timeoutMs = 30_000 }: { script: string; args: readonly string[]; timeoutMs?: number },
  failure: string,
): Promise<Map<string, string[]>> {
  const { exitCode, host, stdout, stderr } = await run({ file: "sh", args: ["-c", script, "sh", ...args], timeoutMs });
  const found = sections(stdout);
  if (exitCode === 0 && found.has("end")) return found;
  throw new HarnessError("command-failed", `${host}: ${failure}: ${stderr.trim() || `exit ${exitCode}`}`);
}

/**
 * Splits what a script printed into its sections, each begun by a line `== name`. One command with sections instead of
 * one command a question: ten questions to a far host are ten round trips.
 */
export function sections(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of text.split("\n")) {
    const name = /^== ([a-z-]+)$/.exec(line)?.[1];
    if (name !== undefined) {
      current = [];
      found.set(name, current);
    } else if (line !== "") current?.push(line);
  }
  return found;
}
