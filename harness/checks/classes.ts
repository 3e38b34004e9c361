import { CLASS_IDS, classRate } from "../../lib/model/class-rates.js";
import type { ClassSeries } from "../../lib/model/class-series.js";
import { median } from "../../lib/model/median.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { Params } from "../../lib/model/params.js";
import type { LegPath } from "../../lib/model/path.js";
import { busyMs, wayOf } from "../../lib/model/way.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail } from "./findings.js";
import { mebibytes } from "./mebibytes.js";

/** Of the migration's bytes, so many have to be in its class. */
const SHARE = 0.95;
/** Of what a class is guaranteed, so much it has to keep when others want the link too. */
const KEPT = 0.9;
/** What a class may seem to have above its ceil: readings are not made at the same moment as the first and last packet. */
const ABOVE = 1.1;

/**
 * The migrations went through their class of traffic: their bytes are in it; alone it borrowed what others left; contended it
 * kept its guarantee, stayed under its ceil, and the management class kept its own. Legs whose migrations did not complete
 * are not judged: what they sent is not known.
 */
export const classes: Check = ({ case: { params }, migrations, path }) => {
  const series = path?.classes ?? [];
  const judged = (path?.legs ?? []).flatMap((leg) => judgeLeg(leg, migrations, series, params.classes));
  const findings = judged.flatMap((one) => one.findings);
  const [alone, contended] = [false, true].map((is) => judged.filter(({ isContended }) => isContended === is));
  const told = [
    ...(alone?.length ? [`alone it had ${spread(alone)} Mbit/s and borrowed`] : []),
    ...(contended?.length ? [`contended it had ${spread(contended)} Mbit/s`] : []),
  ].join(", ");
  return conclude("classes", judged.length, findings, `the migrations were in class ${CLASS_IDS.migration}: ${told}`, {
    legs: judged.length,
    contendedLegs: contended?.length ?? 0,
  });
};

interface Judged {
  readonly isContended: boolean;
  readonly mbps: number;
  readonly findings: readonly Finding[];
}

const spread = (legs: readonly Judged[]): string => {
  const rates = legs.map(({ mbps }) => Math.round(mbps)).sort((a, b) => a - b);
  return rates[0] === rates.at(-1) ? String(rates[0]) : `${rates[0]} to ${rates.at(-1)}`;
};

function judgeLeg(
  leg: LegPath,
  migrations: readonly MigrationRecord[],
  series: readonly ClassSeries[],
  params: Params["classes"],
): Judged[] {
  const records = migrations.filter((record) => record.leg === leg.leg);
  if (records.length === 0 || records.some(({ outcome }) => outcome !== "completed")) return [];
  const isContended = leg.isContended ?? false;
  const unknown = (what: string): Judged[] => [
    { isContended, mbps: Number.NaN, findings: [error(`leg ${leg.leg}: ${what}`)] },
  ];
  const way = wayOf(records, leg);
  if (way === undefined) return unknown("what the migrations sent is not known");
  const sources = new Set(records.map(({ source }) => source));
  const hosts = leg.classes.filter(({ host }) => sources.has(host));
  const gainsOf = (id: string) => hosts.flatMap(({ gains }) => gains.filter((gain) => gain.id === id));
  const migration = gainsOf(CLASS_IDS.migration);
  if (migration.length < sources.size) return unknown("what the classes sent is not known");
  const bytes = migration.reduce((sum, gain) => sum + gain.bytes, 0);
  const spentMs = busyMs(records);
  const waited = (id: string) => waitedRates(series, id, sources, records);
  const mbps = isContended
    ? (median(waited(CLASS_IDS.migration)) ?? Number.NaN)
    : (bytes * 8) / 1000 / spentMs / sources.size;
  const name = `leg ${leg.leg}: class ${CLASS_IDS.migration}`;
  const sent = way.rpcBytes + way.dataBytes;
  const findings =
    bytes < SHARE * sent
      ? [fail(`${name} sent ${mebibytes(bytes)} of the ${mebibytes(sent)} of the migrations`)]
      : isContended
        ? contendedFindings(name, mbps, median(waited(CLASS_IDS.management)) ?? Number.NaN, params)
        : aloneFindings(name, mbps, migration, params);
  return [{ isContended, mbps, findings }];
}

type Gains = LegPath["classes"][number]["gains"];

function aloneFindings(name: string, mbps: number, gains: Gains, params: Params["classes"]): Finding[] {
  const { rateKbps } = classRate(params, "migration");
  const hasBorrowed = gains.every(({ borrowed }) => borrowed > 0);
  if (hasBorrowed && mbps > rateKbps / 1000) return [];
  const seen = `${Math.round(mbps)} Mbit/s at a rate of ${rateKbps / 1000}`;
  return [
    fail(
      `${name} had the link for itself and ${hasBorrowed ? "got no more than its rate" : "borrowed nothing"}: ${seen}`,
    ),
  ];
}

/**
 * Mbit/s of a class in each second at whose beginning and end something waited in it, on a host that sent in this leg. A
 * guarantee is only tested by who asks for more.
 */
function waitedRates(
  series: readonly ClassSeries[],
  id: string,
  hosts: ReadonlySet<string>,
  records: readonly MigrationRecord[],
): number[] {
  const startMs = Math.min(...records.map((record) => record.startMs ?? Number.NaN));
  const endMs = Math.max(...records.map((record) => record.endMs ?? Number.NaN));
  return series
    .filter((one) => one.id === id && hosts.has(one.host))
    .flatMap(({ points }) =>
      points.slice(1).flatMap((point, index) => {
        const [beforeMs, beforeBytes, , , , , beforeBacklog] = points[index] ?? point;
        const [ms, bytes, , , , , backlog] = point;
        const isWithin = beforeMs >= startMs && ms <= endMs && ms > beforeMs;
        return isWithin && (beforeBacklog ?? 0) > 0 && (backlog ?? 0) > 0
          ? [((bytes - beforeBytes) * 8) / 1000 / (ms - beforeMs)]
          : [];
      }),
    );
}

function contendedFindings(name: string, mbps: number, managementMbps: number, params: Params["classes"]): Finding[] {
  const kinds = [
    { id: CLASS_IDS.migration, mbps, rate: classRate(params, "migration") },
    { id: CLASS_IDS.management, mbps: managementMbps, rate: classRate(params, "management") },
  ];
  return kinds.flatMap(({ id, mbps: had, rate: { rateKbps, ceilKbps } }): Finding[] => {
    const label = name.replace(/\S+$/, id);
    if (Number.isNaN(had)) return [error(`${label}: nothing waited in it, so its guarantee was not put to the test`)];
    if (had < (KEPT * rateKbps) / 1000)
      return [fail(`${label} had ${Math.round(had)} Mbit/s of the ${rateKbps / 1000} that it is guaranteed`)];
    if (had > (ABOVE * ceilKbps) / 1000)
      return [fail(`${label} had ${Math.round(had)} Mbit/s, above its ceil of ${ceilKbps / 1000}`)];
    return [];
  });
}
