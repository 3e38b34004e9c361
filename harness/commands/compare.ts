import { resolve } from "node:path";
import { compareJobs } from "../../reports/compare/compare.js";
import { renderCompareJson } from "../../reports/compare/compare-json.js";
import { compareText } from "../../reports/compare/compare-text.js";
import { EXIT } from "../exit-code.js";
import { readStoredJob } from "./stored-job.js";

/**
 * Tells what became of an older job in a newer one. @returns 1 when cases fail that did not fail before
 * @throws HarnessError `bad-input` when one of the folders is not a job's
 */
export async function compare(
  older: string,
  newer: string,
  { json }: { readonly json?: boolean },
  write: (text: string) => void,
): Promise<number> {
  const comparison = compareJobs(await readStoredJob(resolve(older)), await readStoredJob(resolve(newer)));
  write(json === true ? renderCompareJson(comparison) : `${compareText(comparison)}\n`);
  return comparison.newFailures.length > 0 ? EXIT.testsFailed : EXIT.ok;
}
