import { REASON_COLUMNS } from "./console/case-line.js";
import { fitted, safeText } from "./console/safe-text.js";
import type { FailureGroup, Flake, Rate } from "./flake.js";
import { asciiControls } from "./json.js";

/** Changes with every change that could break a reader. */
export const FLAKE_SCHEMA = "migstorm-flake/1";

/** The whole of it, for programs. */
export const renderFlakeJson = (flake: Flake): string =>
  `${asciiControls(JSON.stringify({ schema: FLAKE_SCHEMA, ...flake }, null, 2))}\n`;

/** The same as lines for a terminal, without the last line end. */
export function flakeText({ caseId, runs, failed, rate, groups, untold }: Flake): string {
  const told = rate === undefined ? "no run says anything" : `${failed} of ${runs} runs not OK: ${rateText(rate)}`;
  return [
    `FLAKE      : ${safeText(caseId)}: ${told}`,
    ...(untold === 0
      ? []
      : [`UNTOLD     : ${untold} runs were skipped, cancelled or interrupted, and are not counted`]),
    ...groups.flatMap(groupLines),
  ].join("\n");
}

const groupLines = ({ runs, signature, jobId, message }: FailureGroup): string[] => [
  `${String(runs).padStart(4)} x     : ${fitted(signature, REASON_COLUMNS)}`,
  `             first in ${safeText(jobId)}: ${fitted(message, REASON_COLUMNS)}`,
];

/** `60.0 %; with 95 % confidence between 23.1 % and 88.2 %` */
export const rateText = ({ share, low, high }: Rate): string =>
  `${percent(share)}; with 95 % confidence between ${percent(low)} and ${percent(high)}`;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
