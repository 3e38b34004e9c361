import type { DomainEvent } from "./check.js";

/** A guest went over to postcopy: its source suspends it, its target lets it run. Fixture: `virsh-9.0.0/event-postcopy-*.txt`. */
export const isPostcopySwitch = ({ event, detail }: Pick<DomainEvent, "event" | "detail">): boolean =>
  event === "lifecycle" && /Post-copy$/.test(detail);

/** Number of the pass over a guest's memory that begins, where the event tells of one. Fixture: `virsh-9.0.0/event-precopy-source.txt`. */
export function iterationOf({ event, detail }: Pick<DomainEvent, "event" | "detail">): number | undefined {
  const number = event === "migration-iteration" ? /^iteration: '(\d{1,9})'$/.exec(detail)?.[1] : undefined;
  return number === undefined ? undefined : Number(number);
}
