import type { KernelLine } from "./check.js";

/** An allocation that could not wait and got nothing, and a process that waited for two minutes: `warn_alloc` and `hung_task.c`. */
const SIGN = /\bpage allocation (?:failure|stalls)\b|\bblocked for more than \d+ seconds\b/;
const TRACE = /\bCall Trace:/i;

/**
 * What a kernel says of a shortage though it strikes nobody, each with the call trace that is printed behind it. The signs are told,
 * the traces are neither here nor there.
 */
export function shortageLines(lines: readonly KernelLine[]): {
  readonly signs: readonly KernelLine[];
  readonly rest: readonly KernelLine[];
} {
  const signs: KernelLine[] = [];
  const rest: KernelLine[] = [];
  let hasTrace = false;
  for (const line of lines)
    if (SIGN.test(line.text)) {
      signs.push(line);
      hasTrace = true;
    } else if (hasTrace && TRACE.test(line.text)) hasTrace = false;
    else rest.push(line);
  return { signs, rest };
}
