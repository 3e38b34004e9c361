import { plainLines } from "../lib/model/plain-text.js";
import type { Outcome, ShrinkProbe, ShrinkRun, ShrinkSummary } from "../lib/model/shrink.js";
import { REASON_COLUMNS, seconds } from "./console/case-line.js";
import { labelOf } from "./console/colour.js";
import { fitted, safeText } from "./console/safe-text.js";
import { wilson } from "./flake.js";
import { rateText } from "./flake-text.js";
import { asciiControls } from "./json.js";

/** Changes with every change that could break a reader. */
export const SHRINK_SCHEMA = "migstorm-shrink/1";

/** The whole of it, for programs. */
export const renderShrinkJson = (summary: ShrinkSummary): string =>
  `${asciiControls(JSON.stringify({ schema: SHRINK_SCHEMA, ...summary }, null, 2))}\n`;

/** Before the first run. Every function here returns whole lines, without the last line end. */
export const shrinkHeader = (
  { jobId, caseId, signature, kept }: Pick<ShrinkSummary, "jobId" | "caseId" | "signature" | "kept">,
  folder: string,
): string =>
  [
    `SHRINK OF  : ${safeText(caseId)} of ${safeText(jobId)}`,
    `FAILURE    : ${fitted(signature, REASON_COLUMNS)}`,
    ...kept.map((what) => `KEPT       : ${safeText(what)}`),
    `FOLDER     : ${safeText(folder)}`,
  ].join("\n");

/** After a run of the case as it is; `what` is `ORIGINAL` or `SMALLEST`. */
export const sameCaseLine = (what: string, run: ShrinkRun, number: number, of: number): string =>
  `${what.padEnd(11)}: run ${number} of ${of}: ${runText(run)}`;

/** After all of them. */
export const rateLine = (what: string, runs: readonly ShrinkRun[]): string => {
  const told = runs.filter(({ outcome }) => outcome !== "untold");
  const failed = told.filter(({ outcome }) => outcome === "same").length;
  const rate = told.length === 0 ? "no run says anything" : rateText(wilson(failed, told.length));
  return `${what.padEnd(11)}: ${failed} of ${told.length} runs failed so: ${rate}`;
};

/** How long the search looks before it leaves something out. */
export const believedLine = (runs: number, chance: number): string =>
  `BELIEVED   : the failure is gone after ${runs} runs without it; that is wrong ${percent(chance)} of the time${chance > 0.05 ? ", since --max-runs allows for no more" : ""}`;

/** After each run of something smaller. @param number of the reduction, from 1 */
export function probeLine(number: number, { name, runs, decision }: Omit<ShrinkProbe, "params">): string {
  const run = runs.at(-1);
  const decided = decision === "undecided" ? "" : decision === "taken" ? " -> TAKEN" : " -> left out";
  return ` (${number}) ${safeText(name)}: ${run === undefined ? "" : runText(run)}${decided}`;
}

/** At the end: what was taken away, what is left, and how it is run. */
export function shrinkFooter(
  { original, probes, confirmed, isSmallest, ended, durationMs, taken }: ShrinkSummary,
  { yaml, path, command }: { readonly yaml: string; readonly path: string; readonly command: string },
): string {
  const runs = [...original, ...probes.flatMap((probe) => probe.runs), ...confirmed].length;
  const unfit = probes.filter((probe) => probe.runs.at(-1)?.outcome === "unfit").length;
  const none = isSmallest ? "nothing: every part of the case is needed" : "nothing";
  return [
    ...(ended === undefined ? [] : [`ENDED      : ${fitted(ended, REASON_COLUMNS)}`]),
    `TAKEN AWAY : ${taken.length === 0 ? none : `${taken.length} times`}`,
    ...taken.map((name) => `             ${safeText(name)}`),
    ...(isSmallest ? ["MINIMAL    : the failure was not seen with anything less of what is left"] : []),
    ...(unfit === 0
      ? []
      : [`UNFIT      : ${unfit} of ${probes.length} tries ended in another error, were skipped or took far too long`]),
    `SHRINK TIME: ${seconds(durationMs)}, ${runs} runs`,
    `CASE       : ${safeText(path)}`,
    "",
    plainLines(yaml).trimEnd(),
    "",
    `RUN        : ${safeText(command)}`,
  ].join("\n");
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  same: "the same failure",
  other: "not that failure",
  unfit: "cannot tell",
  untold: "cut off",
};

function runText({ outcome, status, durationMs, message }: ShrinkRun): string {
  const took = durationMs === undefined ? "" : ` (${seconds(durationMs)})`;
  const why = outcome === "same" || message === undefined || message === "" ? "" : `: ${fitted(message, WHY_COLUMNS)}`;
  return `${status === undefined ? "" : `${labelOf(status)}${took}, `}${OUTCOMES[outcome]}${why}`;
}

const WHY_COLUMNS = 160;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
