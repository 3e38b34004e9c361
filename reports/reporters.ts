import type { JobResult } from "../lib/model/result.js";
import type { Beside } from "./beside.js";
import { renderCtrf } from "./ctrf.js";
import { renderHtml } from "./html.js";
import { renderJson } from "./json.js";
import { renderJunit } from "./junit.js";
import { renderStepSummary } from "./step-summary.js";
import { renderTap } from "./tap.js";

/** A reporter turns a finished job into text. It opens no file and reads no clock, so a test compares strings. */
export type Reporter = (job: JobResult, beside?: Beside) => string;

/** Report file name → reporter. The names of the first four are Avocado's. */
export const REPORTERS: Readonly<Record<string, Reporter>> = {
  "results.json": renderJson,
  "results.xml": renderJunit,
  "results.tap": renderTap,
  "results.html": renderHtml,
  "results.ctrf.json": renderCtrf,
  "summary.md": renderStepSummary,
};
