import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { HarnessError } from "./errors.js";

export interface Patience {
  /** Or a function that is asked before each pause. */
  readonly everyMs: number | (() => number);
  readonly timeoutMs: number;
  /** For the message: `the ssh of g1 to answer`. */
  readonly what: string;
  readonly signal?: AbortSignal;
  /** What was seen last, for the message. */
  readonly detail?: () => string;
}

/**
 * Asks until the answer is neither false nor undefined: the only place where the project sleeps, for what no event tells.
 * @throws HarnessError `deadline` when time is up; what `question` throws is passed on at once
 */
export async function until<T>(question: () => Promise<T | false | undefined>, patience: Patience): Promise<T> {
  const { everyMs, timeoutMs, what, signal, detail } = patience;
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await question();
    if (answer !== false && answer !== undefined) return answer;
    if (performance.now() >= endMs) {
      const last = detail?.() ?? "";
      throw new HarnessError(
        "deadline",
        `waited ${timeoutMs / 1000} s for ${what}${last === "" ? "" : ` (last: ${last})`}`,
      );
    }
    const pauseMs = typeof everyMs === "number" ? everyMs : everyMs();
    await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}
