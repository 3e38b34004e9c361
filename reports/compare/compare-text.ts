import { REASON_COLUMNS } from "../console/case-line.js";
import { labelOf } from "../console/colour.js";
import { fitted, safeText } from "../console/safe-text.js";
import type { ComparedJob, Comparison, OnlyOne, StillFailing, Turned } from "./compare.js";
import type { MovedNumber } from "./numbers.js";
import type { Change, ParamChange } from "./settings.js";

/** Of each kind so many are told; the JSON has all. */
const MOST_LINES = 50;

/** The comparison as lines for a terminal or the log of a CI server, the last one a count of everything. */
export function compareText(comparison: Comparison): string {
  const { older, newer, newFailures, mended, stillFailing, newCases, vanished, notRun, numbers, settings, params } =
    comparison;
  return [
    line("OLDER", jobText(older)),
    line("NEWER", jobText(newer)),
    ...lines("NEW FAIL", newFailures.map(turnedText)),
    ...lines("MENDED", mended.map(turnedText)),
    ...lines("STILL", stillFailing.map(stillText)),
    ...lines("NEW CASE", newCases.map(onlyText)),
    ...lines("VANISHED", vanished.map(onlyText)),
    ...lines("NOT RUN", notRun.map(turnedText)),
    ...lines("MOVED", numbers.moved.map(movedText)),
    ...(numbers.tooFew === 0 ? [] : [line("UNKNOWN", `${numbers.tooFew} numbers have not enough samples to tell`)]),
    ...lines("CHANGED", [...settings.map(changeText), ...params.map(paramText)]),
    line("COMPARED", countsText(comparison)),
  ].join("\n");
}

const line = (label: string, text: string): string => `${label.padEnd(11)}: ${fitted(text, REASON_COLUMNS)}`;

function lines(label: string, texts: readonly string[]): string[] {
  const told = texts.slice(0, MOST_LINES).map((text) => line(label, text));
  const more = texts.length - told.length;
  return more > 0 ? [...told, line(label, `and ${more} more, all of them with --json`)] : told;
}

const jobText = ({ jobId, startedAt, cases, interrupted }: ComparedJob): string =>
  `${jobId} (${startedAt}, ${cases} cases${interrupted ? ", interrupted or cut off" : ""})`;

const turnedText = ({ caseId, before, after, why }: Turned): string =>
  `${caseId}: ${labelOf(before)} -> ${labelOf(after)}${why === undefined ? "" : `: ${why}`}`;

const stillText = ({ caseId, after, hasSameSignature, why = "" }: StillFailing): string =>
  `${caseId}: ${labelOf(after)}, ${hasSameSignature ? "as before" : "in another way than before"}: ${why}`;

const onlyText = ({ caseId, status }: OnlyOne): string => `${caseId}: ${labelOf(status)}`;

function movedText({ caseId, name, before, after, shift, samples, effect, chance }: MovedNumber): string {
  const where = caseId ?? `over ${samples[0]} cases`;
  const many = caseId === undefined ? "" : `, ${samples.join(" and ")} migrations`;
  const [sign, share] = [shift > 0 ? "+" : "", before === 0 ? "" : ` ${percent(shift / before)}`];
  return `${where}: ${name} ${digits(before)} -> ${digits(after)}, ${sign}${digits(shift)}${share}, effect ${effect.toFixed(2)}, by chance ${chanceText(chance)}${many}`;
}

const digits = (value: number): string => String(Number(value.toFixed(Math.abs(value) < 10 ? 2 : 0)));
const percent = (share: number): string => `(${share > 0 ? "+" : ""}${Math.round(share * 100)} %)`;
const chanceText = (chance: number): string => (chance < 0.0001 ? "< 0.0001" : chance.toFixed(4));

export const changeText = ({ name, before = "none", after = "none" }: Change): string =>
  `${name}: ${before} -> ${after}`;

const paramText = (change: ParamChange): string =>
  `${changeText(change)} in ${change.cases} cases, e.g. ${change.example}`;

const countsText = (comparison: Comparison): string =>
  safeText(
    [
      `new failures ${comparison.newFailures.length}`,
      `mended ${comparison.mended.length}`,
      `still failing ${comparison.stillFailing.length}`,
      `new cases ${comparison.newCases.length}`,
      `vanished ${comparison.vanished.length}`,
      `not run ${comparison.notRun.length}`,
      `numbers moved ${comparison.numbers.moved.length} of ${comparison.numbers.tested}`,
      `settings changed ${comparison.settings.length + comparison.params.length}`,
    ].join(" | "),
  );
