import { randomUUID } from "node:crypto";
import { rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

/** Makes `latest` in the results folder point to a job; of two jobs at once one of them wins, and it is never missing. */
export async function pointLatest(resultsDir: string, jobFolderName: string): Promise<void> {
  const beside = join(resultsDir, `.latest-${randomUUID()}`);
  await symlink(jobFolderName, beside);
  try {
    await rename(beside, join(resultsDir, "latest"));
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
