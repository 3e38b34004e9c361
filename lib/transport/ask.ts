import { performance } from "node:perf_hooks";
import { HarnessError } from "../errors.js";
import type { Command, CommandResult } from "../model/command.js";
import type { Run } from "./transport.js";

const TRIES = 3;

/**
 * For questions only: asks again, three times at most and within the command's own time, when the machine could not be
 * spoken to. Never for what changes something, unless doing it twice is harmless.
 */
export async function ask(run: Run, command: Command, signal?: AbortSignal): Promise<CommandResult> {
  const endMs = performance.now() + command.timeoutMs;
  for (let left = TRIES; ; left -= 1) {
    const timeoutMs = Math.max(1, Math.ceil(endMs - performance.now()));
    try {
      return await run({ ...command, timeoutMs }, signal);
    } catch (error) {
      const again = error instanceof HarnessError && error.code === "unreachable";
      if (!again || left <= 1 || performance.now() >= endMs) throw error;
    }
  }
}
