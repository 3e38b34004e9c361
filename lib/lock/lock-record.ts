import { shortMoment } from "../model/kept.js";
import { quote } from "../transport/quote.js";

/** Who has a host, as the host itself keeps it for everybody who comes. */
export interface LockRecord {
  readonly jobId: string;
  /** User who started the job. */
  readonly who: string;
  /** Machine that the runner is on. */
  readonly controller: string;
  /** Process of the runner there. */
  readonly pid: number;
  /** ISO 8601 UTC. */
  readonly since: string;
  readonly reason: string;
  /** Folder of the job's results on the controller. */
  readonly resultsDir: string;
  /** The host is as a case left it, for somebody to look at. */
  readonly kept?: KeptFor;
}

/** Which case left a host so, and until when nobody else is to have it. */
export interface KeptFor {
  readonly caseId: string;
  /** ISO 8601 UTC. */
  readonly until: string;
}

/** The owner of a host as found there. */
export interface Owner {
  readonly token: string;
  /** Absent when what is there cannot be read. */
  readonly record?: LockRecord;
  /** The connection of its runner still stands. */
  readonly lives: boolean;
  /** Somebody may be looking at what a case left there: its time was not over when this was read. */
  readonly isKept: boolean;
}

/**
 * Reads `lives` or `dead`, the token, the record: what the lock scripts print of an owner.
 * @param now milliseconds since 1970
 */
export function parseOwner([life, token, text]: readonly string[], now: number): Owner | undefined {
  if (token === undefined || token === "") return undefined;
  const record = parseRecord(text ?? "");
  const isKept = isKeptAt(record?.kept, now);
  return { token, lives: life === "lives", isKept, ...(record === undefined ? {} : { record }) };
}

function parseRecord(text: string): LockRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value)) return undefined;
    const { kept, ...record } = value;
    return isKeptFor(kept) ? { ...record, kept } : record;
  } catch {
    // Not ours, or cut: then the message says less.
    return undefined;
  }
}

const isRecord = (value: unknown): value is LockRecord =>
  typeof value === "object" &&
  value !== null &&
  ["jobId", "who", "controller", "since", "reason", "resultsDir"].every(
    (key) => typeof (value as Record<string, unknown>)[key] === "string",
  );

const isKeptFor = (value: unknown): value is KeptFor =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as Record<string, unknown>).caseId === "string" &&
  !Number.isNaN(momentOf((value as Record<string, unknown>).until));

/** Milliseconds since 1970; NaN for what is no moment in UTC. */
const momentOf = (text: unknown): number =>
  typeof text === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(text) ? Date.parse(text) : Number.NaN;

/** Whether somebody may still be looking. Once that time is over the host is one that a job left when it died. */
export const isKeptAt = (kept: Pick<KeptFor, "until"> | undefined, now: number): boolean =>
  kept !== undefined && momentOf(kept.until) > now;

/** What is kept, for whom and until when. */
export const keptWords = (
  { caseId, until }: KeptFor,
  { jobId, who, controller }: Pick<LockRecord, "jobId" | "who" | "controller">,
): string => `kept for case ${caseId} of ${jobId}, by ${who}@${controller}, until ${shortMoment(until)}`;

/** Who holds the host and what to do about it. */
export function busyMessage(host: string, { record, lives, isKept }: Owner): string {
  if (record === undefined) return `${host} is in use by a job that left no readable record in /run/migstorm/owner`;
  const { jobId, who, controller, pid, since, reason, resultsDir, kept } = record;
  if (kept !== undefined && isKept)
    return `${host} is ${keptWords(kept, record)}: \`migstorm release ${quote(resultsDir)}\` on ${controller} puts it back`;
  const holder = `${host} is in use by ${jobId} of ${who} (process ${pid} on ${controller}) since ${since}: ${reason}`;
  return lives
    ? `${holder}. Its runner is alive: wait for it, or stop it there`
    : `${holder}. Its runner is gone: put the host back with \`migstorm recover ${quote(resultsDir)}\` on ${controller}`;
}
