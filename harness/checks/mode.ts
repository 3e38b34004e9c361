import { iterationOf } from "../../lib/model/domain-events.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import { optionsOfRecords } from "../../lib/model/options-of-leg.js";
import type { MigrationOptions } from "../../lib/model/params.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, named, warn } from "./findings.js";
import { jobSpans } from "./job-span.js";
import { switchedToPostcopy } from "./postcopy.js";
import { LATE_MS, toldOf } from "./told.js";

/** QEMU switches within moments of being told; a starved host is given this long. */
const OVERDUE_MS = 10_000;

/**
 * A migration that was to switch to postcopy did. One that was over before the switch has shown precopy only. Where the switch
 * waits for a timeout, that is as it should be when the timeout had not passed, beside others that switched: where none did,
 * the case has shown nothing of postcopy. One that went on for long after the switch was due did not do what the case says.
 */
export const mode: Check = (evidence) => {
  const optionsOf = optionsOfRecords(evidence);
  const { migrations, events, eventGaps } = evidence;
  const completed = migrations.filter(({ outcome }) => outcome === "completed");
  const switched = switchedToPostcopy(events, migrations);
  const spanOf = jobSpans(events);
  const isDue = (record: MigrationRecord): boolean => {
    const { startMs = 0, endMs = 0 } = spanOf(record) ?? {};
    return endMs - startMs > switchMs(optionsOf(record)) + LATE_MS;
  };
  const passesOf = toldOf(events.filter((event) => (iterationOf(event) ?? 0) > 1));
  /** Of libvirt's job, since the timeout had passed or the second pass had begun; the latter only where that was told. */
  const overdueMs = (record: MigrationRecord): number => {
    const { guest, source } = record;
    const { startMs = 0, endMs = 0 } = spanOf(record) ?? {};
    const afterMs = switchMs(optionsOf(record));
    const dueMs = Number.isFinite(afterMs) ? startMs + afterMs : passesOf(guest, source, startMs, endMs)[0]?.atMs;
    return endMs - (dueMs ?? endMs);
  };
  const tell = (record: MigrationRecord): Finding => {
    const { startMs = 0, endMs = 0 } = record;
    const mayBeUntold = eventGaps.length > 0 && endMs - startMs > switchMs(optionsOf(record));
    if (!mayBeUntold && !isDue(record))
      return warn(`${named(record)}: finished in precopy before the switch to postcopy`);
    const message = `${named(record)}: finished in precopy, nothing shows a switch to postcopy`;
    const lateMs = overdueMs(record);
    if (mayBeUntold) return error(message);
    return lateMs > OVERDUE_MS ? error(`${message}, ${Math.round(lateMs / 1000)} s after it was due`) : warn(message);
  };
  const stayed = completed.filter((record) => !switched(record));
  const due = stayed.filter(isDue);
  const count = completed.length - stayed.length;
  const others = stayed.length === 0 ? "" : `, ${stayed.length} finished in precopy before it was due: ${some(stayed)}`;
  return conclude(
    "mode",
    completed.length,
    due.length > 0 || count === 0 ? stayed.map(tell) : [],
    `${count} migrations switched to postcopy${others}`,
    // Once it has switched it may be over so soon that its length does not show it.
    { due: count + due.length, switched: count, inPrecopy: stayed.length },
  );
};

const MOST_NAMED = 5;

const some = (records: readonly MigrationRecord[]): string =>
  [...records.slice(0, MOST_NAMED).map(named), ...(records.length > MOST_NAMED ? ["and more"] : [])].join("; ");

/** When the switch comes, milliseconds after the start: after the first pass, however short that is, or at the timeout. */
const switchMs = ({ timeout, timeoutAction }: MigrationOptions): number =>
  timeout !== undefined && timeoutAction === "postcopy" ? timeout : Number.NEGATIVE_INFINITY;
