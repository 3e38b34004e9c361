import { randomUUID } from "node:crypto";
import { lstat, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError } from "../errors.js";
import { plainText } from "../model/plain-text.js";

/**
 * Makes `latest` in the results folder point to a job; of two jobs at once one of them wins, and it is never missing.
 * @throws HarnessError `bad-input` where `latest` is a folder
 */
export async function pointLatest(resultsDir: string, jobFolderName: string): Promise<void> {
  const beside = join(resultsDir, `.latest-${randomUUID()}`);
  const latest = join(resultsDir, "latest");
  await symlink(jobFolderName, beside);
  try {
    await rename(beside, latest);
  } catch (error) {
    await rm(beside, { force: true });
    if ((error as NodeJS.ErrnoException).code !== "EISDIR") throw error;
    throw new HarnessError(
      "bad-input",
      `${plainText(latest)} is a folder, and the link to the latest job goes there: rename it, or name another folder with --results-dir`,
    );
  }
}

/** The same for a job that may come to nothing: a `latest` that points to another one stays. */
export async function pointFirst(resultsDir: string, jobFolderName: string): Promise<void> {
  const there = await lstat(join(resultsDir, "latest")).catch(() => undefined);
  if (there?.isSymbolicLink() !== true) await pointLatest(resultsDir, jobFolderName);
}
