import { join } from "node:path";
import { doJob } from "../../harness/job.js";
import type { Case } from "../../lib/model/case.js";
import type { JobResult } from "../../lib/model/result.js";
import { makeFolder } from "../../lib/store/artifacts.js";
import { openEventLog } from "../../lib/store/event-log.js";
import type { BenchLab } from "./bench-lab.js";

/** Runs cases as a job of their own; what did not pass is told, for a figure of it would mislead. */
export async function runCases(
  lab: BenchLab,
  cases: readonly Case[],
  { freshGuests = true }: { readonly freshGuests?: boolean } = {},
): Promise<JobResult> {
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
    for (const {
      case: { id },
      status,
      reason,
      checks,
    } of result.cases)
      if (status !== "PASS")
        console.error(
          `${id}: ${status} ${reason ?? ""} ${checks
            .filter((check) => check.status !== "PASS")
            .map(({ message }) => message)
            .join("; ")}`,
        );
    return result;
  } finally {
    log.close();
  }
}
