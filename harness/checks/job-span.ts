import type { DomainEvent } from "../../lib/model/check.js";
import { hasArrived } from "../../lib/model/domain-events.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import { toldOf } from "./told.js";

/** Milliseconds since the job started. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** Events are stamped when they reach the runner, as the word is when it is given: seen 300 ms beside what libvirt counted. */
const STAMP_ERROR_MS = 500;

/**
 * When libvirt's job of a migration ran. virsh spends time before it, and after it libvirt ends the QEMU that is left, which
 * takes it two tenths of a second: where libvirt tells how long its job took, only that much counts, up to the moment at which
 * the target told that the guest runs, or else to the end. What libvirt does not tell is all of the time from the word to the end.
 * @returns undefined when nothing was tried
 */
export function jobSpans(events: readonly DomainEvent[]): (record: MigrationRecord) => Span | undefined {
  const told = toldOf(events.filter(hasArrived));
  return ({ guest, target, startMs, endMs, stats }) => {
    if (startMs === undefined || endMs === undefined) return undefined;
    const jobMs = stats?.totalTimeMs;
    if (jobMs === undefined) return { startMs, endMs };
    // Much sooner than libvirt says that its job took, it was not over.
    const overMs = told(guest, target, startMs + jobMs - STAMP_ERROR_MS, endMs).at(-1)?.atMs ?? endMs;
    return { startMs: Math.max(startMs, overMs - jobMs), endMs: overMs };
  };
}
