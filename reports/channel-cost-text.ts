import type { JobResult } from "../lib/model/result.js";
import type { Spread } from "../lib/model/spread.js";
import { channelCosts } from "./channel-cost.js";
import { CAVEATS, COLUMNS, type Column, legsText } from "./channel-words.js";

const CASES_SHOWN = 5;

/**
 * The same table in Markdown, for the summary of a CI step, one case after another.
 * @param code makes foreign text harmless there
 */
export function channelCostLines(job: Pick<JobResult, "cases">, code: (text: string) => string): string[] {
  const cases = channelCosts(job);
  if (cases.length === 0) return [];
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    "### What each channel costs",
    "",
    ...cases
      .slice(0, CASES_SHOWN)
      .flatMap(({ caseId, channels }) => [
        code(caseId),
        "",
        row(["channel", "legs", ...COLUMNS.map(({ name, unit }) => `${name}, ${unit}`)]),
        row(["---", "---:", ...COLUMNS.map(() => "---:")]),
        ...channels.map((cost) =>
          row([cost.channel, legsText(cost), ...COLUMNS.map((column) => cell(column, column.spread(cost)))]),
        ),
        "",
      ]),
    ...(cases.length > CASES_SHOWN ? [`and ${cases.length - CASES_SHOWN} more cases in \`results.html\``, ""] : []),
    CAVEATS.join(" "),
    "",
  ];
}

const cell = ({ text }: Column, spread: Spread | undefined): string =>
  spread === undefined ? "not measured" : `${text(spread.median)}, ${text(spread.lower)} to ${text(spread.upper)}`;
