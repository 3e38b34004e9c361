import { plainText } from "../lib/model/plain-text.js";
import type { CaseResult } from "../lib/model/result.js";
import { OK_STATUSES, STATUSES, type Status } from "../lib/model/status.js";

/** The part of a result that a line on the console is made of; a case's last event carries it too. */
export type Verdict = Pick<CaseResult, "case" | "status" | "reason" | "durationMs" | "checks" | "leftovers">;

export const wentWrong = ({ status }: Pick<CaseResult, "status">): boolean => !OK_STATUSES.has(status);

/** How many cases came to each verdict; all seven are there, also those that did not occur. */
export function countByStatus(cases: readonly Pick<CaseResult, "status">[]): Readonly<Record<Status, number>> {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status } of cases) counts[status] += 1;
  return counts;
}

/**
 * Why the case is not PASS, in one sentence: what the check said that decided, else what broke, else what was left
 * behind. Never empty, and absent for PASS only. Foreign text: escape it.
 */
export function whyOf({ status, reason, checks, leftovers }: Verdict): string | undefined {
  if (status === "PASS") return undefined;
  const judged = checks.find((check) => check.status === status)?.message;
  const left = leftovers.length === 0 ? undefined : `not put back: ${leftovers.join("; ")}`;
  const told = status === "ERROR" ? (reason ?? judged ?? left) : (judged ?? reason ?? left);
  return orNothing(told ?? "");
}

/** A sentence of which nothing can be shown says so. */
export const orNothing = (told: string): string => (plainText(told) === "" ? "nothing is said" : told);

/** Longest silence of any guest of the case, milliseconds; absent when none was measured. */
export function longestSilenceMs({ migrations }: Pick<CaseResult, "migrations">): number | undefined {
  let longestMs: number | undefined;
  for (const { silence } of migrations)
    if (silence !== undefined && silence.longestMs > (longestMs ?? -1)) longestMs = silence.longestMs;
  return longestMs;
}

/** Names of the guests that moved or were to move, in the order they appear. */
export const guestsOf = ({ migrations, legs }: Pick<CaseResult, "migrations" | "legs">): readonly string[] => [
  ...new Set([
    ...legs.flatMap(({ moves }) => moves.map(({ guest }) => guest)),
    ...migrations.map(({ guest }) => guest),
  ]),
];

/** Numbers of the legs that were begun; a case that was cut off has migrations but tells of no legs. */
export const legNumbers = ({ migrations, legs }: Pick<CaseResult, "migrations" | "legs">): readonly number[] =>
  [...new Set([...legs.map(({ number }) => number), ...migrations.map(({ leg }) => leg)])].sort((a, b) => a - b);
