import { z } from "zod";

const MIB_PER: Readonly<Record<string, number>> = { MiB: 1, GiB: 1024 };
const MS_PER: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const MEMORY_FORM = "write memory as <number>MiB or <number>GiB";
const DURATION_FORM = "write a duration as <number>ms, <number>s, <number>m or <number>h";

/** `"4GiB"`, `"512MiB"` → mebibytes. A bare number is refused: nobody can tell its unit. */
export const memorySize = z
  .string(MEMORY_FORM)
  .regex(/^\d{1,9}(MiB|GiB)$/, MEMORY_FORM)
  .transform((text) => scaled(text, MIB_PER));

/** Of a timer of Node: one that is set for longer strikes at once. */
export const MOST_TIMER_MS = 2 ** 31 - 1;

/** `"300ms"`, `"20s"`, `"5m"`, `"12h"` → milliseconds; 596 hours at most. */
export const duration = z
  .string(DURATION_FORM)
  .regex(/^\d{1,9}(ms|s|m|h)$/, DURATION_FORM)
  .refine((text) => scaled(text, MS_PER) <= MOST_TIMER_MS, "a duration is 596h, nearly 25 days, at most")
  .transform((text) => scaled(text, MS_PER));

function scaled(text: string, units: Readonly<Record<string, number>>): number {
  const unit = text.replace(/^\d+/, "");
  return Number.parseInt(text, 10) * (units[unit] ?? Number.NaN);
}
