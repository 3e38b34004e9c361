import type { CheckResult, LogLine } from "../../lib/model/check.js";
import { worst } from "../../lib/model/status.js";

/** One thing that is not as it should be. */
export interface Finding {
  readonly status: "WARN" | "FAIL" | "ERROR";
  /** A sentence that stands alone, with the name of the guest or host. */
  readonly message: string;
  /** Where it stands in the kernel logs. */
  readonly lines?: readonly LogLine[];
}

/** Findings that a message tells in full; of more than these the number is told. */
const MAX_TOLD = 5;
/** Lines of logs that a verdict points to. */
const MAX_LINES = 10;

/**
 * The verdict on what a check looked at: the gravest finding, its kind told first. Nothing looked at is ERROR: an empty
 * list proves nothing.
 * @param looked how many things were judged
 * @param content what to say when nothing was found
 */
export function conclude(
  check: string,
  looked: number,
  findings: readonly Finding[],
  content: string,
  measured?: Readonly<Record<string, number>>,
): CheckResult {
  const figures = measured === undefined ? {} : { measured };
  const [first, ...rest] = findings;
  if (first === undefined)
    return looked > 0
      ? { check, status: "PASS", message: content, ...figures }
      : { check, status: "ERROR", message: "there was nothing to judge", ...figures };
  const status = worst(first.status, ...rest.map((finding) => finding.status)) as Finding["status"];
  const told = [...findings].sort((a, b) => Number(b.status === status) - Number(a.status === status));
  const more = told.length > MAX_TOLD ? `; and ${told.length - MAX_TOLD} more` : "";
  const message = `${told
    .slice(0, MAX_TOLD)
    .map((finding) => finding.message)
    .join("; ")}${more}`;
  const lines = told.flatMap((finding) => finding.lines ?? []).slice(0, MAX_LINES);
  return { check, status, message, ...figures, ...(lines.length === 0 ? {} : { lines }) };
}

export const fail = (message: string, lines?: readonly LogLine[]): Finding => finding("FAIL", message, lines);
export const warn = (message: string, lines?: readonly LogLine[]): Finding => finding("WARN", message, lines);
export const error = (message: string): Finding => ({ status: "ERROR", message });

const finding = (status: Finding["status"], message: string, lines: readonly LogLine[] = []): Finding => ({
  status,
  message,
  ...(lines.length === 0 ? {} : { lines }),
});

/** `guest, leg 3`: how a migration is named in messages. */
export const named = ({ guest, leg }: { readonly guest: string; readonly leg: number }): string =>
  `${guest}, leg ${leg}`;
