import type { DomainEvent, Evidence } from "../../lib/model/check.js";
import { isPostcopySwitch } from "../../lib/model/domain-events.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import { optionsOfRecords } from "../../lib/model/options-of-leg.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, named, warn } from "./findings.js";
import { jobSpans, type Span } from "./job-span.js";
import { toldOf } from "./told.js";

/** virsh counts its timeout from the moment it has told libvirt to migrate, in whole seconds. */
const SECOND_MS = 1000;
/**
 * GLib puts timers of whole seconds together: virsh's may go off 250 ms too early, or up to 750 ms late. When libvirt's job
 * began is known to another 250 ms: virsh begins to count a moment before, and the target may tell late that the guest runs.
 */
const EARLY_MS = 500;
/** So long after its timeout virsh has suspended it, by the same figures. */
const LATEST_MS = 750 + 250;

/**
 * No guest had to be suspended for its migration to come to an end. It is allowed, but not what `live` promises.
 *
 * libvirt calls the pause `Suspended Migrated` whoever asked for it, so its moment decides: once the timeout has passed,
 * virsh suspends the guest. Where its host did not tell its events to the end, nobody knows whether it did. Where
 * it must have, and no pause is found at that time, that is no proof of none: the target may have told the end so late that the
 * job seems to begin later than it did.
 */
export const suspended: Check = (evidence) => {
  const optionsOf = optionsOfRecords(evidence);
  const { migrations, events } = evidence;
  const timeoutOf = (record: MigrationRecord): number =>
    Math.ceil((optionsOf(record).timeout ?? Number.POSITIVE_INFINITY) / SECOND_MS) * SECOND_MS;
  const spanOf = jobSpans(events);
  const tried = migrations.flatMap((record) => {
    const span = spanOf(record);
    return span === undefined ? [] : [{ record, span, dueMs: span.startMs + timeoutOf(record) }];
  });
  const longer = tried.filter(({ span, dueMs }) => span.endMs > dueMs);
  const pausesOf = toldOf(events.filter(isPause));
  const [stopped, others] = parted(longer, ({ record, dueMs }) => {
    const { guest, source, endMs = 0 } = record;
    return pausesOf(guest, source, dueMs - EARLY_MS, endMs).length > 0;
  });
  const untold = untoldIn(evidence);
  const unseen = unseenIn(events);
  const findings = [
    ...stopped.map(({ record }) =>
      warn(`${named(record)}: suspended because the timeout of ${timeoutOf(record) / SECOND_MS} s had passed`),
    ),
    ...others.flatMap(({ record, span, dueMs }) => {
      const found = untold(record, { startMs: dueMs - EARLY_MS, endMs: span.endMs });
      return found.length > 0 ? found : unseen(record, { startMs: dueMs, endMs: span.endMs });
    }),
  ];
  const content =
    longer.length === 0
      ? "no migration took longer than its timeout"
      : `${longer.length} migrations took longer than their timeouts, and none was suspended`;
  return conclude("suspended", tried.length, findings, content, {
    suspended: stopped.length,
    migrations: tried.length,
  });
};

const isPause = ({ event, detail }: DomainEvent): boolean =>
  event === "lifecycle" && /^Suspended (?:Migrated|Paused)$/.test(detail);

/** What tells the end of a migration on its source, behind all that was told before: events come in order. */
const isEnd = ({ event, detail }: DomainEvent): boolean =>
  event === "job-completed" || (event === "lifecycle" && /^Stopped\b/.test(detail));

function parted<T>(items: readonly T[], isOne: (item: T) => boolean): readonly [T[], T[]] {
  const ones = new Set(items.filter(isOne));
  return [[...ones], items.filter((item) => !ones.has(item))];
}

/**
 * What virsh must have suspended, and nobody saw it. It does not where the guest had gone over to postcopy by then; and before
 * a migration that failed it may have spent any time on connecting.
 */
function unseenIn(events: readonly DomainEvent[]): (record: MigrationRecord, overdue: Span) => Finding[] {
  const switches = toldOf(events.filter(isPostcopySwitch));
  return (record, { startMs: dueMs, endMs }) => {
    const { guest, source, outcome, startMs = dueMs, stats } = record;
    const isJobKnown = stats?.totalTimeMs !== undefined || outcome === "completed";
    if (!isJobKnown || endMs - dueMs <= LATEST_MS) return [];
    if (switches(guest, source, startMs, dueMs + LATEST_MS).length > 0) return [];
    return [warn(`${named(record)}: took longer than its timeout, and no suspension was seen`)];
  };
}

type Untold = (record: MigrationRecord, when: Span) => Finding[];

/**
 * What a source may have left untold of a migration: nothing, once it has told its end or anything that came after. That its
 * libvirtd was ended on purpose is worth no more than the suspension that it may hide.
 */
function untoldIn({ events, eventGaps, eventPauses = [] }: Evidence): Untold {
  const ends = toldOf(events.filter(isEnd));
  const lastMs = new Map<string, number>();
  for (const { host, atMs } of events) lastMs.set(host, Math.max(atMs, lastMs.get(host) ?? 0));
  return (record, { startMs, endMs }) => {
    const { guest, source, target, endMs: overMs = endMs } = record;
    const whether = (why: string): string =>
      `${named(record)}: took longer than its timeout, and whether it was suspended nobody can say: ${why}`;
    // What names no host may be of any.
    const gap = eventGaps.find((text) => !text.startsWith(`${target}: `));
    const toldAll = ends(guest, source, startMs, overMs + 1).length > 0 || (lastMs.get(source) ?? 0) > overMs;
    if (gap !== undefined && !toldAll) return [error(whether(gap))];
    const away = eventPauses.some(({ host, fromMs, toMs }) => host === source && fromMs <= endMs && toMs >= startMs);
    return away ? [warn(whether(`the libvirtd of ${source} was away`))] : [];
  };
}
