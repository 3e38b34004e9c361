import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { messageOf } from "../../lib/errors.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { ShrinkRun, ShrinkSummary } from "../../lib/model/shrink.js";
import { SHRINK_SCHEMA } from "../../reports/shrink-text.js";
import { badInput } from "../places.js";
import { keyOf } from "../shrink/search.js";
import type { FailedCase } from "./failed-case.js";

/** Runs of cases that need not be done again, by `keyOf` their parameters, in their order. */
export type KnownRuns = ReadonlyMap<string, readonly ShrinkRun[]>;

/**
 * The runs of an earlier search for the same failure. The search that gets them takes the same way to where the other ended.
 * @throws HarnessError `bad-input` when the folder is not that of such a search
 */
export async function readKnownRuns(dir: string, { job, testCase, signature }: FailedCase): Promise<KnownRuns> {
  const path = join(resolve(dir), "shrink.json");
  const summary = await readFile(path, "utf8")
    .then((text) => JSON.parse(text) as ShrinkSummary & { readonly schema?: unknown })
    .catch((error: unknown) => {
      throw badInput([`${plainText(dir)} is not the folder of a shrink: cannot read ${path}: ${messageOf(error)}`]);
    });
  if (summary.schema !== SHRINK_SCHEMA) throw badInput([`${path}: of another version: ${String(summary.schema)}`]);
  const { jobId, caseId } = summary;
  if (jobId !== job.jobId || caseId !== testCase.id || summary.signature !== signature)
    throw badInput([plainText(`${dir} looked for something else: ${caseId} of ${jobId}, ${summary.signature}`)]);
  const known = new Map<string, ShrinkRun[]>();
  for (const { params, runs } of [
    { params: testCase.params, runs: summary.original },
    ...summary.probes,
    { params: summary.params, runs: summary.confirmed },
  ]) {
    const told = runs.filter(({ outcome }) => outcome !== "untold");
    known.set(keyOf(params), [...(known.get(keyOf(params)) ?? []), ...told]);
  }
  return known;
}
