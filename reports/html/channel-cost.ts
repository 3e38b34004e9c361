import type { JobResult } from "../../lib/model/result.js";
import type { Spread } from "../../lib/model/spread.js";
import { type CaseCost, type ChannelCost, channelCosts, PROCESSES } from "../channel-cost.js";
import { CAVEATS, COLUMNS, type Column, legsText, processName } from "../channel-words.js";
import { channelChart } from "./channel-chart.js";
import { escapeHtml } from "./escape.js";
import { NOT_MEASURED, plural } from "./format.js";

const CASES_SHOWN = 20;

/** What each way of migrating cost, case by case, where a job has cases that tell; else nothing. */
export function channelCostSection(job: JobResult): string {
  const cases = channelCosts(job);
  if (cases.length === 0) return "";
  const hidden = cases.length - CASES_SHOWN;
  return [
    "<section aria-labelledby=cost><h2 id=cost>What each channel costs</h2>",
    ...cases.slice(0, CASES_SHOWN).map((one) => costOf(one, job)),
    ...(hidden > 0
      ? [`<p class=more>… ${plural(hidden, "more case")}: results.json has the figures of their legs</p>`]
      : []),
    `<p class=more>${CAVEATS.map((text) => escapeHtml(text)).join(" ")}</p>`,
    "</section>",
  ].join("\n");
}

function costOf({ caseId, channels }: CaseCost, { cases }: JobResult): string {
  const number = cases.findIndex((result) => result.case.id === caseId) + 1;
  const head = COLUMNS.map(({ name, unit }) => `<th scope=col>${name}<small>${unit}</small>`).join("");
  return [
    `<h3><a href="#case-${number}">${escapeHtml(caseId, 300)}</a></h3>`,
    `<div class=wide><table class=cost><thead><tr><th scope=col>Channel<th scope=col>Legs${head}</thead><tbody>`,
    ...channels.map(row),
    "</tbody></table></div>",
    `<ul class=lg>${PROCESSES.map((process, index) => `<li><i class="key p${index}"></i>${processName(process)}`).join("")}</ul>`,
    channelChart(channels),
  ].join("");
}

const row = (cost: ChannelCost): string =>
  `<tr><th scope=row>${escapeHtml(cost.channel, 60)}<td>${legsText(cost)}${COLUMNS.map((column) => `<td>${cell(column, column.spread(cost))}`).join("")}`;

const cell = ({ text }: Column, spread: Spread | undefined): string =>
  spread === undefined
    ? NOT_MEASURED
    : `${text(spread.median)}<small>${text(spread.lower)} to ${text(spread.upper)}</small>`;
