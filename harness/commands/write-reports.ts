import { join } from "node:path";
import { messageOf } from "../../lib/errors.js";
import type { JobResult } from "../../lib/model/result.js";
import { writeText } from "../../lib/store/artifacts.js";
import { REPORTERS } from "../../reports/reporters.js";
import { writeRepros } from "./repro-files.js";
import { writeCasePages } from "./write-case-pages.js";

/** Writes every report, and the pages of the cases before them. One that breaks costs its own file only. @returns what could not be written, for people */
export async function writeReports(folder: string, result: JobResult): Promise<string[]> {
  const { cases, broken } = await writeCasePages(folder, result);
  const problems = [...broken];
  // One after another: of a large job each is a hundred megabytes.
  for (const [name, render] of Object.entries(REPORTERS))
    try {
      await writeText(join(folder, name), render(result, { cases }));
    } catch (error) {
      problems.push(`${name} could not be written: ${messageOf(error)}`);
    }
  return [...problems, ...(await writeRepros(folder, result))];
}
