import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { doJob } from "../../harness/job.js";
import type { Case } from "../../lib/model/case.js";
import type { Evidence } from "../../lib/model/check.js";
import type { JobResult } from "../../lib/model/result.js";
import { makeFolder } from "../../lib/store/artifacts.js";
import { openEventLog } from "../../lib/store/event-log.js";
import { caseFolder } from "../../lib/store/layout.js";
import type { BenchLab } from "./bench-lab.js";
import { type Harmless, whyUnfitJob } from "./fit.js";

export interface BenchJob extends JobResult {
  /** Ids of the cases whose guests ran already, all of them, by the evidence of each. */
  readonly handedOn: ReadonlySet<string>;
}

/**
 * Runs cases as a job of their own.
 * @param harmless checks whose WARN leaves the figures as they are; it is told
 * @throws when a case did not do what it was to do: a figure of it would be wrong
 */
export async function runCases(
  lab: BenchLab,
  cases: readonly Case[],
  { freshGuests = true, harmless = [] }: { readonly freshGuests?: boolean; readonly harmless?: Harmless } = {},
): Promise<BenchJob> {
  const job = lab.newJob();
  const folder = join(lab.folder, job.jobKey);
  await makeFolder(folder);
  const log = openEventLog(join(folder, "events.ndjson"), console.error);
  try {
    const result = await doJob(
      job,
      { kind: "fresh", freshGuests, cases },
      {
        folder,
        log,
        secret: () => undefined,
        progress: () => undefined,
        onPlan: () => undefined,
        live: false,
        failFast: false,
        signal: new AbortController().signal,
      },
    );
    const unfit = whyUnfitJob(result, cases.length, harmless);
    if (unfit.length > 0) throw new Error(unfit.join("\n"));
    for (const { case: testCase, status, checks } of result.cases)
      for (const { check, message, status: said } of checks)
        if (status !== "PASS" && said !== "PASS")
          console.error(`${testCase.id}: ${said} ${check}, which leaves its figures as they are: ${message}`);
    return { ...result, handedOn: await handedOn(folder, result) };
  } finally {
    log.close();
  }
}

/** What the plan says is what was wanted: guests that did not answer, or of a case that warned, are booted anew all the same. */
async function handedOn(folder: string, { cases }: JobResult): Promise<ReadonlySet<string>> {
  const ids = cases.map(({ case: { id } }) => id);
  const all = await Promise.all(
    ids.map(async (id) => {
      const text = await readFile(join(caseFolder(folder, id), "evidence.json"), "utf8");
      const { guests } = JSON.parse(text) as Evidence;
      return guests.length > 0 && guests.every(({ takenOverOn }) => takenOverOn !== undefined);
    }),
  );
  return new Set(ids.filter((_, index) => all[index]));
}
