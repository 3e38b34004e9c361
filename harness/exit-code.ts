import { HarnessError } from "../lib/errors.js";
import type { JobResult } from "../lib/model/result.js";
import type { Status } from "../lib/model/status.js";

/** Exit codes of Avocado, as bits that add up. `usage` is set by `cli.ts` before a job exists. */
export const EXIT = { ok: 0, testsFailed: 1, jobFailed: 2, usage: 4, interrupted: 8 } as const;

/** A job in which nothing ran has shown nothing, and one that left a host changed has done harm: neither exits 0. */
export function exitCode({ cases, interrupted, leftovers }: JobResult): number {
  const has = (...statuses: Status[]) => cases.some(({ status }) => statuses.includes(status));
  const nothingRan = !has("PASS", "WARN", "FAIL", "ERROR", "INTERRUPTED");
  const dirty = leftovers.length > 0 || cases.some((result) => result.leftovers.length > 0);

  let code: number = EXIT.ok;
  if (has("FAIL", "ERROR")) code |= EXIT.testsFailed;
  if (nothingRan || dirty) code |= EXIT.jobFailed;
  if (interrupted || has("INTERRUPTED")) code |= EXIT.interrupted;
  return code;
}

/** Of what ended the program. A job that cannot do its work is not the usage's fault. */
export function exitCodeOfError(error: unknown): number {
  if (isSystemError(error)) return EXIT.jobFailed;
  const isUsage = !(error instanceof HarnessError) || error.code === "internal" || error.code === "bad-input";
  return isUsage ? EXIT.usage : EXIT.jobFailed;
}

/** What the system would not do, such as writing to a full disk: no mistake of ours that a stack could show. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
