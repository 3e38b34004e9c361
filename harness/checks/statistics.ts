import type { JobStats, MigrationRecord } from "../../lib/model/migration.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, named, warn } from "./findings.js";
import { switchedToPostcopy } from "./postcopy.js";

/** The figures that libvirt owes for a migration that was completed. */
const OWED: readonly (readonly [keyof JobStats, string])[] = [
  ["totalTimeMs", "total time"],
  ["reportedDowntimeMs", "downtime"],
  ["dataProcessedBytes", "data processed"],
  ["iterations", "iterations"],
];

/**
 * libvirt told the figures of every completed migration. A figure that is missing is unknown, not zero. After a switch to
 * postcopy libvirt 9.0 sometimes leaves the downtime out: the silence that was observed says it better anyway, and of a
 * guest that boots meanwhile nobody asks for it.
 */
export const statistics: Check = ({ case: { params }, migrations, events }) => {
  const switched = switchedToPostcopy(events, migrations);
  const completed = migrations.filter(({ outcome }) => outcome === "completed");
  const longest = (key: keyof JobStats): number =>
    completed.reduce((most, { stats }) => Math.max(most, stats?.[key] ?? 0), 0);
  const findings = completed.flatMap((record) => judge(record, switched(record), params.booting.migrating));
  return conclude(
    "statistics",
    completed.length,
    findings,
    `libvirt told the figures of ${completed.length} migrations`,
    findings.length > 0
      ? { completed: completed.length }
      : {
          completed: completed.length,
          longestTotalTimeMs: longest("totalTimeMs"),
          longestReportedDowntimeMs: longest("reportedDowntimeMs"),
        },
  );
};

function judge(record: MigrationRecord, wasPostcopy: boolean, mayBeSilent: boolean): Finding[] {
  if (record.stats === undefined) return [error(`${named(record)}: libvirt told no figures`)];
  const missing = OWED.filter(([key]) => record.stats?.[key] === undefined).map(([, name]) => name);
  if (missing.length === 0) return [];
  const told = `${named(record)}: libvirt did not tell ${missing.join(", ")}`;
  if (missing.length > 1 || missing[0] !== "downtime" || !wasPostcopy) return [error(told)];
  if (mayBeSilent) return [warn(`${told} of a migration that went to postcopy while the guest booted`)];
  if (record.silence === undefined) return [error(told)];
  return [warn(`${told} of a migration that went to postcopy; what was observed stands`)];
}
