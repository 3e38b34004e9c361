import type { DomainEvent } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail, named, warn } from "./findings.js";
import { groupBy } from "./group.js";

/**
 * Events are stamped when they reach the runner, and the way from two hosts is not equally long: only running on both for
 * longer than this is proof.
 */
const STAMP_ERROR_MS = 1000;

/** At no time did a guest run on both hosts: by libvirt's events, by what was found around each leg, by the answers. */
export const singleActive: Check = ({ guests, migrations, events, eventGaps }) => {
  const byGuest = groupBy(
    events.filter(({ event }) => event === "lifecycle"),
    ({ guest }) => guest,
  );
  const findings = [
    ...migrations.flatMap(twoPlaces),
    // With events missing, a guest seems to run on where its end was not told.
    ...(eventGaps.length > 0 ? [] : guests.flatMap(({ guest }) => byEvents(guest, byGuest.get(guest) ?? []))),
    ...migrations.flatMap(doubleAnswers),
    ...eventGaps.map((gap) => error(gap)),
  ];
  return conclude("single-active", guests.length, findings, "no guest ran on two hosts at once", {
    guests: guests.length,
    events: events.length,
  });
};

const twoPlaces = (record: MigrationRecord): Finding[] =>
  (["before", "after"] as const).flatMap((when) => {
    const places = record[when];
    return places?.source === "running" && places.target === "running"
      ? [fail(`${named(record)}: running on ${record.source} and on ${record.target} ${when} the leg`)]
      : [];
  });

/** Two machines with one address; but a network that doubles packets looks the same, so this alone is no proof. */
const doubleAnswers = (record: MigrationRecord): Finding[] =>
  (record.silence?.duplicates ?? 0) > 0
    ? [warn(`${named(record)}: ${record.silence?.duplicates} pings were answered twice`)]
    : [];

function byEvents(guest: string, ours: readonly DomainEvent[]): Finding[] {
  if (ours.length === 0) return [error(`${guest}: libvirt told no event of it`)];
  const running = new Map<string, number>();
  let longest: { readonly ms: number; readonly hosts: string } | undefined;
  for (const event of [...ours].sort((a, b) => a.atMs - b.atMs)) {
    longest = longer(longest, overlapUntil(running, event.atMs));
    const now = isRunning(event);
    if (now === false) running.delete(event.host);
    if (now === true && !running.has(event.host)) running.set(event.host, event.atMs);
  }
  return longest !== undefined && longest.ms > STAMP_ERROR_MS
    ? [fail(`${guest}: running on ${longest.hosts} for ${Math.round(longest.ms)} ms, by libvirt's events`)]
    : [];
}

type Overlap = { readonly ms: number; readonly hosts: string } | undefined;

function overlapUntil(running: ReadonlyMap<string, number>, atMs: number): Overlap {
  if (running.size < 2) return undefined;
  return { ms: atMs - Math.max(...running.values()), hosts: [...running.keys()].join(" and ") };
}

const longer = (a: Overlap, b: Overlap): Overlap => (b === undefined || (a !== undefined && a.ms >= b.ms) ? a : b);

/** `Started Migrated` is the target waiting for the memory, not yet running. `undefined`: says nothing about it. */
function isRunning({ detail }: DomainEvent): boolean | undefined {
  if (/^(?:Resumed|Started (?:Booted|Restored|Snapshot|Event wakeup))\b/.test(detail)) return true;
  if (/^(?:Suspended|Stopped|Shutdown|Crashed|PMSuspended|Started Migrated)\b/.test(detail)) return false;
  return undefined;
}
