import type { MigrationRecord } from "../../lib/model/migration.js";
import type { Params } from "../../lib/model/params.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail, named, warn } from "./findings.js";

/**
 * No guest was silent during a migration for longer than the case allows, and each answered again afterwards.
 *
 * Judges what an onlooker saw. The hypervisor's own figure is not enough: it stops counting when the guest runs again,
 * before the network has learnt where.
 */
export const silence: Check = ({ case: { params }, migrations }) => {
  const tried = migrations.filter(({ startMs }) => startMs !== undefined);
  const seen = tried.flatMap((record) => record.silence ?? []);
  const longestMs = seen.reduce((longest, { longestMs: ms }) => Math.max(longest, ms), 0);
  return conclude(
    "silence",
    tried.length,
    tried.flatMap((record) => judge(record, params.limits)),
    `silent for at most ${longestMs} ms`,
    {
      ...(seen.length === 0 ? {} : { longestMs }),
      limitMs: params.limits.downtime,
      observed: seen.length,
      migrations: tried.length,
    },
  );
};

function judge(record: MigrationRecord, { downtime, warnDowntime }: Params["limits"]): Finding[] {
  const name = named(record);
  if (record.silence === undefined) return [error(`${name}: nobody watched whether it answered`)];
  const { longestMs, answeredAfter } = record.silence;
  if (!answeredAfter) return [fail(`${name}: did not answer any more, for ${longestMs} ms`)];
  if (longestMs > downtime) return [fail(`${name}: silent for ${longestMs} ms, the limit is ${downtime} ms`)];
  if (warnDowntime !== undefined && longestMs > warnDowntime)
    return [warn(`${name}: silent for ${longestMs} ms, more than ${warnDowntime} ms are suspicious`)];
  return [];
}
