import type { MigrationRecord } from "../../lib/model/migration.js";
import { foremost, moreNote, type Share } from "./budget.js";
import { escapeHtml } from "./escape.js";
import { ARROW, mebibytesOrDash, NOT_MEASURED, seconds, wholeOrDash } from "./format.js";

/** Aligned by the style, like the cells below them. */
const HEAD = `<tr>${[
  "Leg",
  "Guest",
  `From ${ARROW} to`,
  "Outcome",
  "Wall, s",
  "libvirt total, ms",
  "Reported downtime, ms",
  "Longest silence, ms",
  "Data, MiB",
  "Passes",
]
  .map((name) => `<th>${name}`)
  .join("")}`;

/** Every migration with what the onlooker saw beside what libvirt says of itself. */
export function migrationTable(migrations: readonly MigrationRecord[], share: Share): string {
  if (migrations.length === 0) return "";
  const shown = foremost(migrations, share.migrations, weight);
  return `<h4>Migrations</h4><div class=wide><table class=mig><thead>${HEAD}</thead>${shown.map(row).join("")}</table></div>${moreNote(
    migrations.length - shown.length,
    "migration",
  )}`;
}

/** Those that did not complete come first, then the longest silences. */
const weight = ({ outcome, silence }: MigrationRecord): number =>
  (outcome === "completed" ? 0 : 1e9) + (silence?.longestMs ?? 0);

function row(migration: MigrationRecord): string {
  const { leg, guest, source, target, outcome, startMs, endMs, stats, silence } = migration;
  const wall = startMs === undefined || endMs === undefined ? NOT_MEASURED : seconds(endMs - startMs);
  const numbers = [
    wall,
    wholeOrDash(stats?.totalTimeMs),
    wholeOrDash(stats?.reportedDowntimeMs),
    silence === undefined || silence.answeredAfter
      ? wholeOrDash(silence?.longestMs)
      : `≥ ${Math.round(silence.longestMs)}`,
    mebibytesOrDash(stats?.dataProcessedBytes),
    wholeOrDash(stats?.iterations),
  ];
  const cells = `<td>${leg}<td>${escapeHtml(guest, 120)}<td>${escapeHtml(source, 80)} ${ARROW} ${escapeHtml(target, 80)}<td class=${outcome}>${outcome}`;
  return `<tr>${cells}${numbers.map((number) => `<td>${number}`).join("")}${after(migration)}`;
}

function after({ error, silence }: MigrationRecord): string {
  const notes = [
    ...(error === undefined ? [] : [`<span class=t>${escapeHtml(error)}</span>`]),
    ...(silence?.answeredAfter === false ? ["the guest did not answer again"] : []),
    ...(silence !== undefined && silence.duplicates > 0 ? [`${silence.duplicates} answers came twice`] : []),
  ];
  return notes.length === 0 ? "" : `<tr class=err><td><td colspan=9>${notes.join("; ")}`;
}
