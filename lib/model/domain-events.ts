import type { DomainEvent } from "./check.js";
import type { MigrationRecord } from "./migration.js";

/** A guest went over to postcopy. Fixture: `virsh-9.0.0/event-timeout-postcopy-*.txt`. */
export const isPostcopySwitch = ({ event, detail }: Pick<DomainEvent, "event" | "detail">): boolean =>
  event === "lifecycle" && /^(?:Suspended|Resumed) Post-copy$/.test(detail);

/** It did so in a migration between these hosts: the source suspends it, the target lets it run. */
export const isSwitchOf = (
  told: DomainEvent,
  { guest, source, target }: Pick<MigrationRecord, "guest" | "source" | "target">,
): boolean =>
  isPostcopySwitch(told) &&
  told.guest === guest &&
  told.host === (told.detail.startsWith("Suspended") ? source : target);

/** A guest runs on the target with all its memory. Fixture: `virsh-9.0.0/event-*-target.txt`. */
export const hasArrived = ({ event, detail }: Pick<DomainEvent, "event" | "detail">): boolean =>
  event === "lifecycle" && detail === "Resumed Migrated";

/** Number of the pass over a guest's memory that begins, where the event tells of one. Fixture: `virsh-9.0.0/event-precopy-source.txt`. */
export function iterationOf({ event, detail }: Pick<DomainEvent, "event" | "detail">): number | undefined {
  const number = event === "migration-iteration" ? /^iteration: '(\d{1,9})'$/.exec(detail)?.[1] : undefined;
  return number === undefined ? undefined : Number(number);
}
