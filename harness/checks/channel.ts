import type { LegEvidence } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { LegPath } from "../../lib/model/path.js";
import { type Channel, channelOf, type Way, wayOf } from "../../lib/model/way.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail } from "./findings.js";
import { mebibytes } from "./mebibytes.js";

/**
 * The migrations took the way that they were told, or that the scenario names: by the bytes that the kernel counted on the
 * ports, leg by leg, against what libvirt says it processed. What fits neither way is ERROR: something else used the ports,
 * or something is not counted.
 */
export const channel: Check = ({ case: { params }, legs, migrations, path }) => {
  if (path === undefined) return conclude("channel", 1, [error("nobody counted what went through the ports")], "");
  const judged = legs.flatMap((leg) => judgeLeg(leg, migrations, path.legs, params.expect.channel));
  const findings = judged.flatMap(({ finding }) => finding ?? []);
  const seen = judged.flatMap(({ way }) => way ?? []);
  const told = [...new Set(seen.map(({ is }) => is))].join(" and ");
  return conclude("channel", judged.length, findings, `${judged.length} legs went ${told}, by the bytes on the ports`, {
    legs: judged.length,
    ...totals(seen),
  });
};

interface Judged {
  readonly way?: Way;
  readonly finding?: Finding;
}

/** A leg in which some migration failed has bytes that nobody can set against anything: it is not judged. */
function judgeLeg(
  { number, moves }: LegEvidence,
  migrations: readonly MigrationRecord[],
  paths: readonly LegPath[],
  wanted: Channel | undefined,
): Judged[] {
  const records = migrations.filter(({ leg }) => leg === number);
  if (records.length < moves.length || records.some(({ outcome }) => outcome !== "completed")) return [];
  const told = [...new Set(records.map(channelOf))];
  const [only] = told;
  const expected = wanted ?? only;
  if (expected === undefined) return [];
  if (told.length > 1)
    return [{ finding: error(`leg ${number}: some went native and some tunnelled, and the ports tell only the sum`) }];
  const path = paths.find(({ leg }) => leg === number);
  const way = path === undefined ? undefined : wayOf(records, path);
  if (way === undefined)
    return [{ finding: error(`leg ${number}: what went through the ports, or what libvirt processed, is not known`) }];
  if (way.is === expected) return [{ way }];
  const seen = `${mebibytes(way.processedBytes)} were processed, ${mebibytes(way.rpcBytes)} went through libvirt's own connection and ${mebibytes(way.dataBytes)} through 49152 to 49215`;
  return [
    {
      way,
      finding:
        way.is === "inconsistent"
          ? error(`leg ${number}: neither native nor tunnelled: ${seen}`)
          : fail(`leg ${number}: ${way.is}, expected ${expected}: ${seen}`),
    },
  ];
}

function totals(ways: readonly Way[]): Readonly<Record<string, number>> {
  const sum = (of: (way: Way) => number): number => ways.reduce((total, way) => total + of(way), 0);
  return {
    processedBytes: sum(({ processedBytes }) => processedBytes),
    rpcBytes: sum(({ rpcBytes }) => rpcBytes),
    dataBytes: sum(({ dataBytes }) => dataBytes),
  };
}
