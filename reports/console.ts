import type { Profile } from "../lib/model/profile.js";
import type { JobResult } from "../lib/model/result.js";
import type { Status } from "../lib/model/status.js";
import { REASON_COLUMNS, seconds } from "./console/case-line.js";
import { labelOf } from "./console/colour.js";
import { fitted, safeText } from "./console/safe-text.js";
import { countByStatus } from "./summary.js";

export { caseLine } from "./console/case-line.js";
export { type LiveConsole, liveConsole } from "./console/live-console.js";
export { liveLine } from "./console/live-line.js";

/** The order of Avocado's counter line, which scripts read. */
const COUNTED: readonly Status[] = ["PASS", "ERROR", "FAIL", "SKIP", "WARN", "INTERRUPTED", "CANCEL"];

/** The lines before the first case. Every function here returns whole lines, without the last line end. */
export const jobHeader = ({ jobId, jobLog, profile }: JobHeader): string =>
  [
    `JOB ID     : ${safeText(jobId)}`,
    `JOB LOG    : ${safeText(jobLog)}`,
    ...(profile === undefined ? [] : [`PROFILE    : ${fitted(`${profile.name}: ${profile.summary}`, REASON_COLUMNS)}`]),
  ].join("\n");

export interface JobHeader {
  readonly jobId: string;
  readonly jobLog: string;
  readonly profile?: Profile | undefined;
}

/** The counter line, the time and the path of the page; what was left on a host is told before them. */
export function jobFooter(
  job: Pick<JobResult, "cases" | "durationMs" | "leftovers">,
  { html }: { readonly html: string },
): string {
  const counts = countByStatus(job.cases);
  const left = [...job.leftovers, ...job.cases.flatMap(({ leftovers }) => leftovers)];
  return [
    ...left.map((what) => `NOT UNDONE : ${fitted(what, REASON_COLUMNS)}`),
    `RESULTS    : ${COUNTED.map((status) => `${labelOf(status)} ${counts[status]}`).join(" | ")}`,
    `JOB TIME   : ${seconds(job.durationMs)}`,
    `JOB HTML   : ${safeText(html)}`,
  ].join("\n");
}
