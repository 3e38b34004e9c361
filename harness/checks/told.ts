import type { DomainEvent } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import { groupBy } from "./group.js";

/** An event of the target may reach the runner after virsh has ended. */
export const LATE_MS = 2000;

/** @param untilMs no longer counts */
export type Told = (guest: string, host: string, fromMs: number, untilMs: number) => readonly DomainEvent[];

/** What a host told of a guest from one moment to another, in order. A soak has tens of thousands of events, and as many questions. */
export function toldOf(events: readonly DomainEvent[]): Told {
  const keyOf = (guest: string, host: string): string => JSON.stringify([guest, host]);
  const inOrder = [...events].sort((a, b) => a.atMs - b.atMs);
  const byPlace = groupBy(inOrder, ({ guest, host }) => keyOf(guest, host));
  return (guest, host, fromMs, untilMs) => {
    const told = byPlace.get(keyOf(guest, host)) ?? [];
    return told.slice(firstFrom(told, fromMs), firstFrom(told, untilMs));
  };
}

/** Index of the first event that is not earlier. */
function firstFrom(inOrder: readonly DomainEvent[], atMs: number): number {
  let [low, high] = [0, inOrder.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((inOrder[middle]?.atMs ?? atMs) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Until when an event may be of a migration, so that each is of one at most: it may come late, but not once another migration of the
 * guest has begun that could have told the same.
 * @param couldTell whether a later migration could; without it each could
 */
export function latestOf(
  migrations: readonly MigrationRecord[],
  couldTell: (later: MigrationRecord, record: MigrationRecord) => boolean = () => true,
): (record: MigrationRecord) => number {
  const latest = new Map<MigrationRecord, number>();
  const tried = migrations.filter(({ startMs }) => startMs !== undefined);
  for (const own of groupBy(tried, ({ guest }) => guest).values()) {
    const inOrder = [...own].sort((a, b) => startOf(a) - startOf(b));
    for (const [index, record] of inOrder.entries()) {
      const lateMs = (record.endMs ?? startOf(record)) + LATE_MS;
      const later = inOrder.slice(index + 1, index + 1 + MOST_WITHIN_LATE);
      const next = later.find((one) => startOf(one) < lateMs && couldTell(one, record));
      latest.set(record, next === undefined ? lateMs : startOf(next));
    }
  }
  return (record) => latest.get(record) ?? Number.NEGATIVE_INFINITY;
}

/** Migrations of one guest that may begin while an event of an earlier one is late; the quickest take a tenth of a second. */
const MOST_WITHIN_LATE = 50;

const startOf = ({ startMs = 0 }: MigrationRecord): number => startMs;
