import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { guestsOf, legNumbers, longestSilenceMs, whyOf } from "../summary.js";
import { escapeHtml } from "./escape.js";
import { badge, NOT_MEASURED, seconds, wholeOrDash } from "./format.js";
import type { Matrix } from "./grid.js";

const HEAD = [
  ["#", "n"],
  ["Verdict", ""],
  ["Case", ""],
  ["Time, s", "n"],
  ["Longest silence, ms", "n"],
  ["Guests", "n"],
  ["Legs", "n"],
] as const;

/** Every case in one line, with links to what is told of it below. The filter needs the script and is hidden without. */
export const caseTable = ({ cases }: JobResult, { attributes }: Pick<Matrix, "attributes">): string =>
  [
    "<section aria-labelledby=all><h2 id=all>All cases</h2>",
    FILTER,
    `<div class=wide><table class=all><thead><tr>${HEAD.map(([name, kind]) => `<th scope=col${kind === "" ? "" : ` class=${kind}`}>${name}`).join("")}</thead><tbody>`,
    ...cases.map((result, index) => row(result, index, attributes[index] ?? "")),
    "</tbody></table></div></section>",
  ].join("\n");

const FILTER =
  '<form class=filter hidden role=search><label>Find <input type=search placeholder="words of the case or its reason" autocomplete=off></label> <output></output> <button type=reset>Show all</button></form>';

function row(result: CaseResult, index: number, attributes: string): string {
  const why = whyOf(result);
  const said = why === undefined ? "" : `<small class=t>${escapeHtml(why, 300)}</small>`;
  const link = `<a href="#case-${index + 1}">${escapeHtml(result.case.id)}</a>`;
  const numbers = [
    result.durationMs === 0 ? NOT_MEASURED : seconds(result.durationMs),
    wholeOrDash(longestSilenceMs(result)),
    String(guestsOf(result).length || NOT_MEASURED),
    String(legNumbers(result).length || NOT_MEASURED),
  ];
  return `<tr data-v=${result.status}${attributes}><td>${index + 1}<td>${badge(result.status)}<td>${link}${said}${numbers.map((number) => `<td>${number}`).join("")}`;
}
