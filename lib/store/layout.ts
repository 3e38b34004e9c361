import { join } from "node:path";
import { HarnessError } from "../errors.js";

/** `job-2026-11-21T06.42-ab12cd3`: sorts by time, and tells jobs of the same minute apart. */
export const jobFolderName = (startedAt: Date, jobKey: string): string =>
  `job-${startedAt.toISOString().slice(0, 16).replace(":", ".")}-${jobKey}`;

/** The same for a soak, whose passes are job folders inside it. */
export const soakFolderName = (startedAt: Date, key: string): string =>
  jobFolderName(startedAt, key).replace(/^job-/, "soak-");

/** In the folder of a case whose hosts were kept: keys of machines and guests as they were trusted. */
export const KNOWN_HOSTS = "known_hosts";

/** The same as of a job for a case that is shrunk, whose runs are job folders inside it. */
export const shrinkFolderName = (startedAt: Date, key: string): string =>
  jobFolderName(startedAt, key).replace(/^job-/, "shrink-");

const CASE_ID = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,249}$/;

/** Folder of one case. @throws HarnessError `internal` when the id is no name for a folder, or could lead elsewhere */
export function caseFolder(jobFolder: string, caseId: string): string {
  if (!CASE_ID.test(caseId)) throw new HarnessError("internal", `no name for a folder: ${JSON.stringify(caseId)}`);
  return join(jobFolder, "test-results", caseId);
}
