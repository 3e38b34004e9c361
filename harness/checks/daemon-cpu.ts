import { median } from "../../lib/model/median.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { LegPath } from "../../lib/model/path.js";
import { type Channel, channelOf } from "../../lib/model/way.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail } from "./findings.js";

/** Fewer legs of a kind say nothing: the figures of single legs differ too much. */
const LEGS_OF_EACH = 3;
const GIB = 2 ** 30;
/** The kernel tells CPU time in hundredths of a second; a leg's figure is a difference on two hosts. */
const RESOLUTION_S = 0.01;

/**
 * libvirt's daemons had to work as much harder for tunnelled migrations as the scenario says: CPU seconds per GiB on both
 * hosts together, median over the legs. Only pairs are compared, the same guests under the same load in one case, native and
 * tunnelled in turn: a single figure is at the mercy of whatever else the host does.
 */
export const daemonCpu: Check = ({ case: { params }, migrations, path }) => {
  const limit = params.expect.cpuRatio ?? 0;
  const of = (kind: Channel): number[] => (path?.legs ?? []).flatMap((leg) => costOf(leg, migrations, kind));
  const [native, tunnelled] = [of("native"), of("tunnelled")];
  if (native.length < LEGS_OF_EACH || tunnelled.length < LEGS_OF_EACH) {
    const message = `${native.length} native and ${tunnelled.length} tunnelled legs were measured, ${LEGS_OF_EACH} of each are needed`;
    return conclude("daemon-cpu", 1, [error(message)], "");
  }
  const [nativeS, tunnelledS] = [median(native) ?? Number.NaN, median(tunnelled) ?? Number.NaN];
  const ratio = tunnelledS / nativeS;
  const seen = `libvirt's daemons took ${tunnelledS.toFixed(2)} CPU s per GiB tunnelled and ${nativeS.toFixed(2)} native, ${ratio.toFixed(1)} times as much`;
  const findings: Finding[] = ratio > limit ? [] : [fail(`${seen}; more than ${limit} times was expected`)];
  return conclude("daemon-cpu", native.length + tunnelled.length, findings, seen, {
    nativeCpuSPerGiB: nativeS,
    tunnelledCpuSPerGiB: tunnelledS,
    ratio,
    limit,
  });
};

/** CPU seconds per GiB of one leg of that kind; never less than what the kernel's clock can tell. */
function costOf({ leg, cpu }: LegPath, migrations: readonly MigrationRecord[], kind: Channel): number[] {
  const records = migrations.filter((record) => record.leg === leg);
  const bytes = records.reduce((sum, { stats }) => sum + (stats?.dataProcessedBytes ?? Number.NaN), 0);
  if (cpu.length < 2 || records.length === 0 || !(bytes > 0)) return [];
  if (records.some((record) => record.outcome !== "completed" || channelOf(record) !== kind)) return [];
  const spentS = cpu.reduce((sum, { daemonsS }) => sum + daemonsS, 0);
  return [Math.max(spentS, RESOLUTION_S) / (bytes / GIB)];
}
