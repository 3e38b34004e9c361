import { appendFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../lib/errors.js";
import { STEP_SUMMARY_LIMIT_BYTES } from "../../reports/step-summary.js";

/**
 * Adds a job's summary to the one of the CI step that runs it, where `GITHUB_STEP_SUMMARY` names that. Trouble is told
 * and costs nothing else: a verdict does not depend on a page about it.
 */
export async function appendStepSummary(
  folder: string,
  write: (text: string) => void,
  target = process.env.GITHUB_STEP_SUMMARY,
): Promise<void> {
  if (target === undefined || target === "") return;
  try {
    const text = await readFile(join(folder, "summary.md"), "utf8");
    const before = await stat(target).then(({ size }) => size, noneYet);
    if (before + Buffer.byteLength(text) > STEP_SUMMARY_LIMIT_BYTES)
      throw new Error(`the step has ${before} bytes already, and GitHub takes 1 MiB`);
    await appendFile(target, text);
  } catch (error) {
    write(`the summary of the CI step could not be written: ${messageOf(error)}\n`);
  }
}

const noneYet = (error: NodeJS.ErrnoException): number => {
  if (error.code === "ENOENT") return 0;
  throw error;
};
