import type { GuestEvidence } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail, named } from "./findings.js";

/**
 * After each migration the guest runs on the target and is gone from the source; after a failed one it still runs on the
 * source and nothing of it is on the target. At the end it runs where it has to, and only there.
 */
export const place: Check = ({ migrations, guests }) => {
  const tried = migrations.filter((record) => record.outcome !== "not-started" && record.outcome !== "unknown");
  const findings = [...tried.flatMap(afterMigration), ...guests.flatMap(atTheEnd)];
  const looked = tried.length > 0 ? guests.length : 0;
  return conclude("place", looked, findings, "every guest was where it had to be after each leg", {
    migrations: tried.length,
    guests: guests.length,
  });
};

function afterMigration(record: MigrationRecord): Finding[] {
  const name = named(record);
  if (record.after === undefined) return [error(`${name}: nobody looked where the guest was afterwards`)];
  const moved = record.outcome === "completed";
  const [home, away] = moved ? [record.target, record.source] : [record.source, record.target];
  const at = moved ? record.after.target : record.after.source;
  const left = moved ? record.after.source : record.after.target;
  return [
    ...(at === "running" ? [] : [fail(`${name}: ${at} on ${home} after it ${record.outcome}, not running`)]),
    ...(left === "absent" ? [] : [fail(`${name}: left on ${away} (${left}) after it ${record.outcome}`)]),
  ];
}

function atTheEnd({ guest, finalHosts, expectedHost }: GuestEvidence): Finding[] {
  if (finalHosts === undefined) return [error(`${guest}: nobody looked where it was at the end`)];
  if (finalHosts.length === 1 && finalHosts[0] === expectedHost) return [];
  const found = finalHosts.length === 0 ? "nowhere" : `on ${finalHosts.join(" and ")}`;
  return [fail(`${guest}: runs ${found} at the end, not on ${expectedHost}`)];
}
