import { plainText } from "./model/plain-text.js";

/** What went wrong, as a word that reports and tests can rely on. */
export type ErrorCode = "bad-input" | "unreachable" | "command-failed" | "deadline" | "host-busy" | "internal";

/**
 * The only error the harness throws on purpose. `code` says which kind, `details` carries the facts, `cause` keeps the
 * original. Where it reaches the case engine it means ERROR: a FAIL is never thrown, a check returns it.
 */
export class HarnessError extends Error {
  override readonly name = "HarnessError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.details = details;
  }
}

/** Leaves a case that turned out not to apply here (status CANCEL). Not an error. */
export class CancelCase extends Error {
  override readonly name = "CancelCase";
}

/** The words of anything that was thrown; where it has none, what it is. Never empty. */
export function messageOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  if (plainText(said) !== "") return said;
  // Node tells of several addresses that all refuse a connection without a word of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(messageOf).join("; ");
  return `${error instanceof Error ? error.name : typeof error} was thrown, and says nothing`;
}
