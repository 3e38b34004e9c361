import type { Event } from "../lib/model/event.js";
import { STATUSES, type Status } from "../lib/model/status.js";
import { type LiveProgress, progressOf } from "./live-progress.js";
import { shortText } from "./short-text.js";
import { failureOf } from "./signature.js";
import { countByStatus, type Verdict, whyOf } from "./summary.js";

/** A migration under way. */
export interface LiveMigration extends LiveProgress {
  readonly guest: string;
  readonly leg: number;
  readonly source: string;
  readonly target: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
}

export interface LiveVerdict {
  readonly caseId: string;
  readonly status: Status;
  /** Absent for PASS. */
  readonly why?: string;
  /** Name of the check that judged, where one did. */
  readonly check?: string;
  readonly durationMs: number;
}

/** A job as its events tell it so far. Plain data, of bounded size; all texts are one line without controls, and foreign. */
export interface LiveState {
  readonly jobId?: string;
  /** ISO 8601 UTC, of its last start: a resumed job starts again. */
  readonly startedAt?: string;
  /** Of the last event. */
  readonly lastAt?: string;
  /** Absent: it runs, or was cut off. */
  readonly end?: "ended" | "interrupted";
  readonly counts: Readonly<Record<Status, number>>;
  /** Cases with a verdict. */
  readonly judged: number;
  readonly current?: { readonly caseId: string; readonly startedAt: string; readonly step?: string };
  readonly migrations: readonly LiveMigration[];
  /** The latest, newest first. */
  readonly verdicts: readonly LiveVerdict[];
}

const MOST_VERDICTS = 100;
const MOST_MIGRATIONS = 64;
const TEXT_LIMIT = 500;

/** Takes the events of a job one after another; `state` may be asked at any time. What it keeps of a case is its verdict. */
export function liveFold(): {
  /** @returns the verdict that it brought, if so */
  readonly take: (event: Event) => LiveVerdict | undefined;
  readonly state: () => LiveState;
} {
  const verdicts = new Map<string, LiveVerdict>();
  const migrations = new Map<string, LiveMigration>();
  let job: Pick<LiveState, "jobId" | "startedAt" | "lastAt" | "end" | "current"> = {};
  const begin = (event: Extract<Event, { type: "case-started" }>): void => {
    verdicts.delete(event.caseId);
    migrations.clear();
    job = { ...job, current: { caseId: short(event.caseId), startedAt: short(event.at) } };
  };
  const judge = (event: Extract<Event, { type: "case-ended" }>): LiveVerdict => {
    const verdict = verdictOf(event.result);
    verdicts.delete(event.result.case.id);
    verdicts.set(event.result.case.id, verdict);
    migrations.clear();
    const { current: _, ...rest } = job;
    job = rest;
    return verdict;
  };
  const take = (event: Event): LiveVerdict | undefined => {
    job = { ...job, lastAt: short(event.at) };
    if (event.type === "job-started")
      job = { jobId: short(event.jobId), startedAt: short(event.at), lastAt: short(event.at) };
    if (event.type === "case-started") begin(event);
    if (event.type === "step-started" && job.current !== undefined)
      job = { ...job, current: { ...job.current, step: short(event.step) } };
    moveOn(migrations, event);
    if (event.type === "job-ended") {
      const { current: _, ...rest } = job;
      job = { ...rest, end: event.interrupted ? "interrupted" : "ended" };
    }
    return event.type === "case-ended" ? judge(event) : undefined;
  };
  return {
    take: (event) => {
      try {
        return take(event);
      } catch {
        // Not as migstorm writes it: a line that somebody damaged costs that line.
        return undefined;
      }
    },
    state: () => {
      const all = [...verdicts.values()];
      return {
        ...job,
        counts: countByStatus(all),
        judged: all.length,
        migrations: [...migrations.values()].slice(0, MOST_MIGRATIONS),
        verdicts: all.slice(-MOST_VERDICTS).reverse(),
      };
    },
  };
}

function moveOn(migrations: Map<string, LiveMigration>, event: Event): void {
  if (event.type === "migration-started") {
    const { guest, leg, source, target, at } = event;
    const start = { guest: short(guest), leg, source: short(source), target: short(target), startedAt: short(at) };
    migrations.set(keyOf(event), start);
  }
  if (event.type === "migration-ended") migrations.delete(keyOf(event.record));
  if (event.type === "throughput") {
    const before = migrations.get(keyOf(event));
    if (before !== undefined) migrations.set(keyOf(event), { ...before, ...progressOf(event.line) });
  }
}

const keyOf = ({ guest, leg }: { readonly guest: string; readonly leg: number }): string => `${leg} ${guest}`;

function verdictOf(result: Verdict): LiveVerdict {
  if (!STATUSES.includes(result.status)) throw new TypeError("no such status");
  const why = whyOf(result);
  const check = failureOf(result)?.check;
  return {
    caseId: short(result.case.id),
    status: result.status,
    ...(why === undefined ? {} : { why: short(why) }),
    ...(check === undefined ? {} : { check: short(check) }),
    durationMs: Number(result.durationMs),
  };
}

const short = (text: string): string => shortText(text, TEXT_LIMIT);
