import { type Verdict, whyOf } from "../summary.js";
import { paintedLabel } from "./colour.js";
import { fitted, safeText } from "./safe-text.js";

/** A reason longer than this stands in the reports only. */
export const REASON_COLUMNS = 400;

/** ` (1/6) smoke.orderly.precopy: PASS (12.31 s)`, and the reason where it is not PASS. `index` counts from 1. */
export function caseLine(index: number, total: number, result: Verdict, hasColour = false): string {
  const why = whyOf(result);
  const verdict = `${paintedLabel(result.status, hasColour)} (${seconds(result.durationMs)})`;
  const reason = why === undefined ? "" : `: ${fitted(why, REASON_COLUMNS)}`;
  return ` (${index}/${total}) ${safeText(result.case.id)}: ${verdict}${reason}`;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
