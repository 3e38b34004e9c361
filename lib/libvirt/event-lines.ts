import type { JobStats } from "../model/migration.js";
import { jobStats, rawFields } from "./job-stats.js";

/** What `virsh event` told of one domain. */
export interface VirshEvent {
  readonly guest: string;
  /** e.g. `lifecycle`, `migration-iteration`, `job-completed`. */
  readonly event: string;
  /** e.g. `Suspended Migrated`; empty when the details stand on lines of their own. */
  readonly detail: string;
  /** The host's own clock, as virsh prints it. For people. */
  readonly hostTime?: string;
  /** The lines below, e.g. of `job-completed`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Figures of a migration that was completed. */
  readonly stats?: JobStats;
}

/** An event whose lines are still coming. */
export interface PendingEvent {
  readonly head: VirshEvent;
  readonly lines: readonly string[];
}

export interface Taken {
  readonly pending?: PendingEvent;
  readonly done: readonly VirshEvent[];
}

const HEAD =
  /^(?:(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*[+-]\d{4}): )?event '([\w-]+)' for domain (?:'(.+?)'|([^\s':]+))(?=$|[: ])(.*)$/;
const MAX_LINES = 200;

/**
 * Takes the next line of `virsh event --all --loop [--timestamp]`. An event is done with its line, except one that ends
 * with a colon: its values follow on lines that begin with a tab, up to the next event. The caller keeps `pending`, and
 * flushes it when nothing more comes. Lines that are not events are left out. Fixtures: `virsh-9.0.0/event-*.txt`.
 */
export function takeEventLine(pending: PendingEvent | undefined, line: string): Taken {
  if (/^\s/.test(line)) {
    if (pending === undefined || pending.lines.length >= MAX_LINES) return { ...(pending && { pending }), done: [] };
    return { pending: { ...pending, lines: [...pending.lines, line] }, done: [] };
  }
  const before = flushEvent(pending);
  const [, hostTime, event, quoted, bare, rest = ""] = HEAD.exec(line.slice(0, 4096)) ?? [];
  const guest = quoted ?? bare;
  if (event === undefined || guest === undefined) return { done: before };
  const detail = rest.replace(/^:/, "").trim();
  const head = { guest, event, detail, ...(hostTime === undefined ? {} : { hostTime }) };
  return rest.trim() === ":" ? { pending: { head, lines: [] }, done: before } : { done: [...before, head] };
}

/** The pending event with what came of it. */
export function flushEvent(pending: PendingEvent | undefined): VirshEvent[] {
  if (pending === undefined) return [];
  const fields = rawFields(pending.lines);
  const stats = pending.head.event === "job-completed" ? { stats: jobStats(fields) } : {};
  return [{ ...pending.head, fields: Object.fromEntries(fields), ...stats }];
}
