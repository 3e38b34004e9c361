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
  const outcomes = await Promise.all(
    Object.entries(REPORTERS).map(async ([name, render]) => {
      try {
        await writeText(join(folder, name), render(result, { cases }));
        return [];
      } catch (error) {
        return [`${name} could not be written: ${messageOf(error)}`];
      }
    }),
  );
  return [...broken, ...outcomes.flat(), ...(await writeRepros(folder, result))];
}
