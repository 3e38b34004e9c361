import { badInput } from "../places.js";
import { type RunOptions, run } from "./run.js";
import { soak } from "./soak.js";

export interface AgainOptions extends RunOptions {
  /** So many passes. */
  readonly repeat?: number;
  readonly untilFail?: boolean;
}

/** A job that nobody looks at is not to run for ever. */
const MOST_PASSES = 1_000;

/**
 * Runs the selected cases once, or pass after pass as `soak` does: every pass is a job of its own, so that the ids of cases
 * stay what they are. @returns the exit code: the bits of all passes together
 */
export async function runAgain(
  paths: readonly string[],
  { repeat, untilFail, ...options }: AgainOptions,
  write: (text: string) => void,
): Promise<number> {
  if (repeat === undefined && untilFail !== true) return run(paths, options, write);
  const { failfast, ...others } = options;
  if (options.failedFirst !== undefined && options.order === "shuffled")
    throw badInput(["every pass is shuffled anew, so --failed-first would be lost: leave out one of them"]);
  const ends = untilFail === true || failfast === true;
  return soak(paths, { ...others, passes: repeat ?? MOST_PASSES, ...(ends ? { untilFail: true } : {}) }, write);
}
