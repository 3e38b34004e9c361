import type { DomainEvent, GuestEvidence } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { Check } from "./check.js";
import { hasLeft, isRunning, type Moment, momentsOf, pausesTold, unprovenIn } from "./event-pauses.js";
import { conclude, error, type Finding, fail, named, warn } from "./findings.js";
import { groupBy } from "./group.js";
import { latestOf, type Told, toldOf } from "./told.js";

/**
 * Events are stamped when they reach the runner, and the way from two hosts is not equally long: only running on both for
 * longer than this is proof.
 */
const STAMP_ERROR_MS = 1000;

/** At no time did a guest run on both hosts: by libvirt's events, by what was found around each leg, by the answers. */
export const singleActive: Check = ({ guests, migrations, events, eventGaps, eventPauses: pauses = [] }) => {
  const lifecycle = events.filter(({ event }) => event === "lifecycle");
  const byGuest = groupBy(lifecycle, ({ guest }) => guest);
  const records = groupBy(migrations, ({ guest }) => guest);
  const judged = guests.flatMap((guest): Finding[] => {
    const ours = byGuest.get(guest.guest) ?? [];
    const moments = momentsOf(guest, ours, pauses);
    const unproven = (records.get(guest.guest) ?? []).flatMap((record) => unprovenIn(record, pauses, moments));
    return [...byEvents(guest, ours.length, moments), ...unproven];
  });
  const findings = [
    ...migrations.flatMap(twoPlaces),
    // With events missing, a guest seems to run on where its end was not told.
    ...(eventGaps.length > 0 ? [] : judged),
    ...(eventGaps.length > 0 ? [] : silentHosts(migrations, lifecycle)),
    ...migrations.flatMap(doubleAnswers),
    ...eventGaps.map((gap) => error(`not every event is known: ${gap}`)),
  ];
  const content = `no guest ran on two hosts at once${pausesTold(pauses)}`;
  return conclude("single-active", guests.length, findings, content, {
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

/**
 * The events prove nothing when only one host told any. The source says that the guest ran there no more, the target that
 * it runs: so what they tell of the way back, which may follow at once, is not taken for it, nor is what they tell of the
 * next time that it goes the same way.
 */
function silentHosts(migrations: readonly MigrationRecord[], events: readonly DomainEvent[]): Finding[] {
  const latest = latestOf(migrations, tellsTheSame);
  const toldIn = (told: Told) => (record: MigrationRecord, host: string) =>
    told(record.guest, host, record.startMs ?? 0, latest(record)).length > 0;
  const left = toldIn(toldOf(events.filter(hasLeft)));
  const arrived = toldIn(toldOf(events.filter((event) => isRunning(event) === true)));
  return migrations
    .filter(({ outcome }) => outcome === "completed")
    .flatMap((record) => [
      ...(left(record, record.source) ? [] : [silent(record, record.source, "the guest leaving it")]),
      ...(arrived(record, record.target) ? [] : [silent(record, record.target, "the guest running there")]),
    ]);
}

/** One that comes through the other way tells of no leaving and arriving there; one that fails may tell of anything. */
const tellsTheSame = (later: MigrationRecord, { source }: MigrationRecord): boolean =>
  later.source === source || later.outcome !== "completed";

const silent = (record: MigrationRecord, host: string, what: string): Finding =>
  error(`${named(record)}: ${host} told no event of ${what}`);

/** One that an earlier case has left may never have moved: then there is nothing to tell of it. */
function byEvents({ guest, takenOverOn }: GuestEvidence, told: number, moments: readonly Moment[]): Finding[] {
  if (told === 0 && takenOverOn === undefined) return [error(`${guest}: libvirt told no event of it`)];
  const running = new Map<string, number>();
  let longest: { readonly ms: number; readonly hosts: string } | undefined;
  for (const { atMs, host, runs } of moments) {
    longest = longer(longest, overlapUntil(running, atMs));
    if (runs === false) running.delete(host);
    if (runs === true && !running.has(host)) running.set(host, atMs);
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
