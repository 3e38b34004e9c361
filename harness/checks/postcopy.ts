import type { DomainEvent } from "../../lib/model/check.js";
import { isPostcopySwitch } from "../../lib/model/domain-events.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import { groupBy } from "./group.js";

/** An event of the target may reach the runner after virsh has ended. */
export const LATE_MS = 2000;

/** Tells of a migration whether it switched to postcopy: by an event in its time, or by pages that were asked for. */
export function switchedToPostcopy(events: readonly DomainEvent[]): (record: MigrationRecord) => boolean {
  const switches = groupBy(events.filter(isPostcopySwitch), ({ guest }) => guest);
  return ({ guest, startMs = 0, endMs = 0, stats }) =>
    (stats?.postcopyRequests ?? 0) > 0 ||
    (switches.get(guest) ?? []).some(({ atMs }) => atMs >= startMs && atMs <= endMs + LATE_MS);
}
