import type { DomainEvent } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import { optionsOfRecords } from "../../lib/model/options-of-leg.js";
import type { Check } from "./check.js";
import { conclude, named, warn } from "./findings.js";
import { groupBy } from "./group.js";

/** virsh counts its timeout from the moment it has told libvirt to migrate, in whole seconds. */
const SECOND_MS = 1000;
/** GLib puts timers of whole seconds together: virsh's may go off so much too early, or up to 750 ms late. */
const EARLY_MS = 250;

/**
 * No guest had to be suspended for its migration to come to an end. It is allowed, but not what `live` promises.
 *
 * libvirt calls the pause `Suspended Migrated` whoever asked for it, so its moment decides: once the timeout has passed,
 * virsh suspends the guest.
 */
export const suspended: Check = (evidence) => {
  const optionsOf = optionsOfRecords(evidence);
  const { migrations, events } = evidence;
  const timeoutOf = (record: MigrationRecord): number =>
    Math.ceil((optionsOf(record).timeout ?? Number.POSITIVE_INFINITY) / SECOND_MS) * SECOND_MS;
  const pauses = groupBy(events.filter(isPause), ({ guest }) => guest);
  const tried = migrations.filter(({ startMs }) => startMs !== undefined);
  const stopped = tried.filter((record) => wasStopped(record, timeoutOf(record), pauses.get(record.guest) ?? []));
  return conclude(
    "suspended",
    tried.length,
    stopped.map((record) =>
      warn(`${named(record)}: suspended because the timeout of ${timeoutOf(record) / SECOND_MS} s had passed`),
    ),
    "no migration took longer than its timeout",
    { suspended: stopped.length, migrations: tried.length },
  );
};

const isPause = ({ event, detail }: DomainEvent): boolean =>
  event === "lifecycle" && /^Suspended (?:Migrated|Paused)$/.test(detail);

function wasStopped(
  { source, startMs = 0, endMs = 0 }: MigrationRecord,
  timeoutMs: number,
  pauses: readonly DomainEvent[],
): boolean {
  const dueMs = startMs + timeoutMs;
  return endMs > dueMs && pauses.some(({ host, atMs }) => host === source && atMs >= dueMs - EARLY_MS && atMs <= endMs);
}
