import type { DomainEvent } from "../../lib/model/check.js";
import { isSwitchOf } from "../../lib/model/domain-events.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import { latestOf, toldOf } from "./told.js";

/**
 * Tells of a migration whether it switched to postcopy: by pages that were asked for, or by an event of its own hosts in its
 * own time. What is told late is not of a migration that has ended when the guest's next one has begun.
 */
export function switchedToPostcopy(
  events: readonly DomainEvent[],
  migrations: readonly MigrationRecord[],
): (record: MigrationRecord) => boolean {
  const told = toldOf(events);
  const latest = latestOf(migrations);
  return (record) => {
    const { guest, source, target, startMs = 0, stats } = record;
    if ((stats?.postcopyRequests ?? 0) > 0) return true;
    return [source, target].some((host) =>
      told(guest, host, startMs, latest(record)).some((event) => isSwitchOf(event, record)),
    );
  };
}
