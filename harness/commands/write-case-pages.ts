import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../lib/errors.js";
import type { Evidence } from "../../lib/model/check.js";
import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { writeText } from "../../lib/store/artifacts.js";
import { caseFolder } from "../../lib/store/layout.js";
import { CASE_CHARTS } from "../../reports/beside.js";
import { renderCaseCharts } from "../../reports/case-charts.js";

export interface WrittenCharts {
  /** Ids of the cases that have a page of charts now. */
  readonly charts: ReadonlySet<string>;
  /** What could not be written, for people. */
  readonly broken: readonly string[];
}

/**
 * Writes the charts of every case whose path was watched, from its evidence, one case after another: the evidence of many at
 * once would not fit into memory. A case without its evidence, e.g. of a pass of a soak that was thinned out, has none.
 */
export async function writeCharts(folder: string, { cases }: JobResult): Promise<WrittenCharts> {
  const charts = new Set<string>();
  const broken: string[] = [];
  for (const result of cases) {
    if (result.path === undefined) continue;
    try {
      if (await writeChartsOf(caseFolder(folder, result.case.id), result)) charts.add(result.case.id);
    } catch (error) {
      broken.push(`the charts of ${result.case.id} could not be written: ${messageOf(error)}`);
    }
  }
  return { charts, broken };
}

async function writeChartsOf(folder: string, result: CaseResult): Promise<boolean> {
  const text = await readFile(join(folder, "evidence.json"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  const path = text === undefined ? undefined : (JSON.parse(text) as Partial<Evidence>).path;
  if (path === undefined) return false;
  await writeText(join(folder, CASE_CHARTS), renderCaseCharts(result, path));
  return true;
}
