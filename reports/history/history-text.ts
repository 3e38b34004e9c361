import { STATUSES, type Status } from "../../lib/model/status.js";
import { changeText } from "../compare/compare-text.js";
import { REASON_COLUMNS } from "../console/case-line.js";
import { labelOf } from "../console/colour.js";
import { fitted } from "../console/safe-text.js";
import type { History, HistoryCase, HistoryJob, SkippedFolder } from "./history.js";

/** Jobs that have a column, cases that have a row, folders that are named: beyond it their number is told. */
const MOST = { columns: 60, rows: 400, skipped: 20, changes: 6 };

const LETTERS: Readonly<Record<Status, string>> = {
  PASS: ".",
  WARN: "w",
  SKIP: "s",
  CANCEL: "c",
  FAIL: "F",
  ERROR: "E",
  INTERRUPTED: "I",
};
const ABSENT = "-";

/**
 * A history as lines for a terminal or a log: the jobs with their silence and what changed, then a table of cases against
 * jobs. @param columns how many jobs the table shows, the latest ones
 */
export function historyText({ jobs, cases, skipped }: History, columns: number = MOST.columns): string {
  const shown = Math.min(columns, MOST.columns, jobs.length);
  const latest = jobs.slice(jobs.length - shown);
  return [
    ...skippedLines(skipped),
    ...(shown < jobs.length ? [`the latest ${shown} of ${jobs.length} jobs; the rates are of them all`] : []),
    ...latest.flatMap((job, index) => jobLines(job, index + 1)),
    ...(cases.length === 0
      ? []
      : [
          "",
          `${legend()}; ^ versions or settings changed; 1/4: turned between good and bad once in four pairs of equal runs`,
        ]),
    ...(latest.some(({ changed }) => changed.length > 0) ? [marks(latest)] : []),
    ...cases.slice(0, MOST.rows).map((one) => row(one, shown)),
    ...(cases.length > MOST.rows ? [`and ${cases.length - MOST.rows} cases more, all of them with --json`] : []),
    `${jobs.length} jobs, ${cases.length} cases, ${skipped.length} folders skipped`,
  ].join("\n");
}

function skippedLines(skipped: readonly SkippedFolder[]): string[] {
  const told = skipped
    .slice(0, MOST.skipped)
    .map(({ folder, reason }) => fitted(`skipped ${folder}: ${reason}`, REASON_COLUMNS));
  return skipped.length > MOST.skipped ? [...told, `and ${skipped.length - MOST.skipped} more skipped`] : told;
}

function jobLines({ folder, counts, medianSilenceMs, silences, changed }: HistoryJob, number: number): string[] {
  const silence =
    medianSilenceMs === undefined ? "silence not observed" : `silence ${ms(medianSilenceMs)} (median of ${silences})`;
  const verdicts = STATUSES.filter((status) => counts[status] > 0).map(
    (status) => `${labelOf(status)} ${counts[status]}`,
  );
  const changes = changed.slice(0, MOST.changes).map((change) => `    ^ ${fitted(changeText(change), REASON_COLUMNS)}`);
  return [
    ...changes,
    ...(changed.length > MOST.changes ? [`    ^ and ${changed.length - MOST.changes} more`] : []),
    `${String(number).padStart(3)} ${fitted(`${folder}: ${verdicts.join(" | ")}; ${silence}`, REASON_COLUMNS)}`,
  ];
}

const ms = (value: number): string => `${Number(value.toFixed(value < 10 ? 1 : 0))} ms`;

const legend = (): string =>
  [...STATUSES.map((status) => `${LETTERS[status]} ${labelOf(status)}`), `${ABSENT} not in it`].join(", ");

const marks = (jobs: readonly HistoryJob[]): string =>
  jobs
    .map(({ changed }) => (changed.length > 0 ? "^" : " "))
    .join("")
    .trimEnd();

function row({ caseId, verdicts, flips, pairs }: HistoryCase, shown: number): string {
  const letters = verdicts
    .slice(verdicts.length - shown)
    .map((status) => (status === null ? ABSENT : LETTERS[status]))
    .join("");
  return `${letters} ${`${flips}/${pairs}`.padStart(5)} ${fitted(caseId, REASON_COLUMNS)}`;
}
