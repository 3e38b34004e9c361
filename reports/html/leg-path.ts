import { CLASS_IDS } from "../../lib/model/class-rates.js";
import { meanMbps } from "../../lib/model/class-series.js";
import { daemonsPerGiB } from "../../lib/model/cpu-series.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { LegPath } from "../../lib/model/path.js";
import type { CaseResult } from "../../lib/model/result.js";
import { busyMs, channelText, processedBy, type Way, wayOf } from "../../lib/model/way.js";
import { moreNote, type Share } from "./budget.js";
import { mebibytesOrDash, NOT_MEASURED } from "./format.js";

const HEAD = [
  "Leg",
  "Told",
  "Went",
  "Processed, MiB",
  "libvirt's port, MiB",
  "Data ports, MiB",
  "CPU of libvirt, s/GiB",
];
const CLASS_HEAD = [`Class ${CLASS_IDS.migration}, MiB`, `Class ${CLASS_IDS.migration}, Mbit/s`, "Other traffic"];

/** Leg by leg: what went through the ports of each channel, what CPU it took, and what was in the migrations' class. */
export function legPathTable({ path, migrations }: Pick<CaseResult, "path" | "migrations">, share: Share): string {
  if (path === undefined || path.length === 0) return "";
  const hasClasses = path.some(({ classes }) => classes.length > 0);
  const shown = path.slice(0, share.migrations);
  const head = [...HEAD, ...(hasClasses ? CLASS_HEAD : [])].map((name) => `<th>${name}`).join("");
  const rows = shown.map((leg) =>
    row(
      leg,
      migrations.filter((record) => record.leg === leg.leg),
      hasClasses,
    ),
  );
  return `<h4>Ways of the legs</h4><div class=wide><table class=way><thead><tr>${head}</thead>${rows.join("")}</table></div>${moreNote(
    path.length - shown.length,
    "leg",
  )}`;
}

function row(leg: LegPath, records: readonly MigrationRecord[], hasClasses: boolean): string {
  const way = wayOf(records, leg);
  const told = [...new Set(records.flatMap((record) => channelText(record) ?? []))].join("; ");
  const cells = [
    String(leg.leg),
    told || NOT_MEASURED,
    wentText(way, records),
    mebibytesOrDash(processedBy(records)),
    mebibytesOrDash(way?.rpcBytes),
    mebibytesOrDash(way?.dataBytes),
    cpuText(leg, records),
    ...(hasClasses ? classCells(leg, records) : []),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}`).join("")}`;
}

/** What a migration that broke off sent cannot be set against anything. */
function wentText(way: Way | undefined, records: readonly MigrationRecord[]): string {
  if (way === undefined || records.some(({ outcome }) => outcome !== "completed")) return NOT_MEASURED;
  return way.is === "inconsistent" ? '<b class="x">neither</b>' : way.is;
}

function cpuText({ cpu }: LegPath, records: readonly MigrationRecord[]): string {
  const hosts = new Set(records.flatMap(({ source, target }) => [source, target]));
  const bytes = processedBy(records);
  if (hosts.size === 0 || bytes === undefined) return NOT_MEASURED;
  const gains = [...hosts].map((host) => cpu.find((gain) => gain.host === host));
  return daemonsPerGiB(gains, bytes)?.toFixed(2) ?? NOT_MEASURED;
}

function classCells({ classes, isContended }: LegPath, records: readonly MigrationRecord[]): string[] {
  const sources = new Set(records.map(({ source }) => source));
  const gains = classes
    .filter(({ host }) => sources.has(host))
    .flatMap(({ gains: all }) => all.filter(({ id }) => id === CLASS_IDS.migration));
  const bytes = gains.length === 0 ? undefined : gains.reduce((sum, gain) => sum + gain.bytes, 0);
  const mbps = bytes === undefined ? undefined : meanMbps({ bytes, ms: busyMs(records) });
  return [mebibytesOrDash(bytes), mbps?.toFixed(1) ?? NOT_MEASURED, isContended ? "contended" : "none"];
}
