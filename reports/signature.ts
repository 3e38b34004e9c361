import type { CheckResult } from "../lib/model/check.js";
import { plainText } from "../lib/model/plain-text.js";
import type { CaseResult } from "../lib/model/result.js";
import type { Status } from "../lib/model/status.js";
import { guestsOf, orNothing, type Verdict, wentWrong, whyOf } from "./summary.js";

/** What decided that a case is not OK. */
export interface Failure {
  readonly status: Status;
  /** Name of the check that judged; absent: the case broke off, or something was left on a host. */
  readonly check?: CheckResult["check"];
  readonly message: string;
}

/** A message is looked at so far; a signature is never longer than its own limit. */
const MESSAGE_LIMIT = 2_000;
const SIGNATURE_LIMIT = 300;
/** Kernel lines are quoted cut off, and where depends on the length of their numbers: only so much of one counts. */
const QUOTE_LIMIT = 80;
const MOST_NAMES = 500;

/** In this order: `*` is a name, `#` a number, an id, an address or a port. */
const REPLACED: readonly (readonly [RegExp, string])[] = [
  [/\b(?:ms|run)-[0-9a-f]{7}(?:-\w{1,40}){0,4}\b/g, "*"],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "#"],
  [/\b(?:[0-9a-f]{1,4}:{1,2}){2,7}[0-9a-f]{1,4}\b/gi, "#"],
  [/\b0x[0-9a-f]+\b/gi, "#"],
  [/\b(?=[a-f]{0,40}\d)[0-9a-f]{7,}\b/gi, "#"],
  [/\d+(?:\.\d+)*/g, "#"],
  [/("[^"]*")(?:, "[^"]*")+/g, "$1"],
  [/ and # lines more$/, ""],
  // Between which two looks a load ended depends on how long a leg took.
  [/: not running \w[\w #]{0,40}, was last seen \w[\w #]{0,40}$/, ": not running any more"],
  [new RegExp(`"([^"]{${QUOTE_LIMIT}})[^"]*"`, "g"), '"$1"'],
  [/([*#])(?:(?:, | and )\1)+/g, "$1"],
];

/**
 * The same text for the same fault in two jobs: verdict, check and the first finding of the message, without names,
 * numbers, ports, pids and ids. Pure. May be shown as it stands in a line of text; a page has to escape it.
 * @param names of guests and hosts, which are taken out wherever they stand as a word
 */
export function signatureOf({ status, check, message }: Failure, names: Iterable<string> = []): string {
  const first = plainText(message.slice(0, MESSAGE_LIMIT)).split("; ")[0] ?? "";
  const bare = REPLACED.reduce((text, [pattern, word]) => text.replace(pattern, word), withoutNames(first, names));
  const judged = check === undefined ? "" : ` ${plainText(check.slice(0, SIGNATURE_LIMIT))}`;
  return `${status}${judged}: ${bare}`.slice(0, SIGNATURE_LIMIT).trim();
}

function withoutNames(text: string, names: Iterable<string>): string {
  const known = [...new Set(names)].filter((name) => name !== "" && text.includes(name)).slice(0, MOST_NAMES);
  if (known.length === 0) return text;
  // Of two names that begin alike, the longer one first.
  const words = known.sort((a, b) => b.length - a.length).map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}_.-])(?:${words.join("|")})(?![\\p{L}\\p{N}_-])`, "gu"), "*");
}

/** What decided, as `whyOf` tells it; absent for a case that is OK. */
export function failureOf(result: Verdict): Failure | undefined {
  if (!wentWrong(result)) return undefined;
  const message = whyOf(result) ?? "";
  const judged = result.checks.find(
    ({ status, message: said }) => status === result.status && orNothing(said) === message,
  );
  return { status: result.status, message, ...(judged === undefined ? {} : { check: judged.check }) };
}

/** The signature of a case that is not OK, its guests' and these hosts' names taken out; absent for one that is OK. */
export function failureSignature(result: CaseResult, hosts: readonly string[]): string | undefined {
  const failure = failureOf(result);
  return failure === undefined ? undefined : signatureOf(failure, [...guestsOf(result), ...hosts]);
}
