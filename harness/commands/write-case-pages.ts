import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../lib/errors.js";
import type { Evidence } from "../../lib/model/check.js";
import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { writeDerived } from "../../lib/store/artifacts.js";
import { caseFolder } from "../../lib/store/layout.js";
import { type BesideCase, CASE_LOGS, CASE_PAGE } from "../../reports/beside.js";
import { type LogFile, renderCaseLogs } from "../../reports/case-logs.js";
import { type CasePageParts, renderCasePage } from "../../reports/case-page.js";
import { marksOf } from "../../reports/charts/marks.js";

export interface WrittenPages {
  /** Cases that have a page of their own now, by id. */
  readonly cases: ReadonlyMap<string, BesideCase>;
  /** What could not be written, for people. */
  readonly broken: readonly string[];
}

/** Of a log file; what is behind it is told and not shown. */
const LOG_BYTES = 4 * 2 ** 20;
const LOGS = 100;
/** While one waits for the disk another is rendered. */
const AT_ONCE = 2;

/**
 * Writes the page of every case, and that of its logs, from its evidence, few cases at once: the evidence of all would not fit
 * into memory. A case without its evidence, e.g. of a pass of a soak that was thinned out, has none.
 */
export async function writeCasePages(folder: string, { cases: results, profile }: JobResult): Promise<WrittenPages> {
  const cases = new Map<string, BesideCase>();
  const broken = new Map<number, string>();
  const waiting = [...results.entries()].filter(([, { phases }]) => phases.length > 0).values();
  const work = async (): Promise<void> => {
    for (const [index, result] of waiting)
      try {
        const beside = await writeOne(caseFolder(folder, result.case.id), result, { number: index + 1, profile });
        if (beside !== undefined) cases.set(result.case.id, beside);
      } catch (error) {
        broken.set(index, `the page of ${result.case.id} could not be written: ${messageOf(error)}`);
      }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const inOrder = [...broken].sort(([a], [b]) => a - b).map(([, problem]) => problem);
  return { cases, broken: inOrder };
}

async function writeOne(
  folder: string,
  result: CaseResult,
  place: Pick<CasePageParts, "number" | "profile">,
): Promise<BesideCase | undefined> {
  const evidence = await readEvidence(folder);
  if (evidence === undefined) return undefined;
  const files = await filesIn(folder);
  const marks = marksOf(evidence);
  const logs = renderCaseLogs(result, evidence, await logsOf(folder, files));
  if (logs !== undefined) await writeDerived(join(folder, CASE_LOGS), logs);
  const linked = [...files, ...(logs === undefined ? [] : [CASE_LOGS])];
  await writeDerived(join(folder, CASE_PAGE), renderCasePage(result, { evidence, files: linked, ...place }));
  return { hasLogs: logs !== undefined, marks };
}

/** What was gathered of a case; undefined where it is gone. */
export async function readEvidence(folder: string): Promise<Partial<Evidence> | undefined> {
  const text = await readFile(join(folder, "evidence.json"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as Partial<Evidence>);
}

const OURS = new Set([CASE_PAGE, CASE_LOGS]);

/** Names as they are seen from the folder, of two floors, but for the pages that are written here. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = await Promise.all(
    entries.map(async (entry) => {
      if (entry.isFile()) return [entry.name];
      if (!entry.isDirectory()) return [];
      const inside = await readdir(join(folder, entry.name), { withFileTypes: true });
      return inside.filter((file) => file.isFile()).map((file) => `${entry.name}/${file.name}`);
    }),
  );
  return names
    .flat()
    .filter((name) => !OURS.has(name))
    .sort();
}

const COLLECTED = /^collected\/(.+)\.txt$/;
const TOP = /^(.+)-top\.log$/;

/** What was collected from the hosts, and what top showed. */
const logsOf = (folder: string, files: readonly string[]): Promise<LogFile[]> =>
  Promise.all(
    files
      .flatMap((name) => {
        const collected = COLLECTED.exec(name)?.[1];
        const top = TOP.exec(name)?.[1];
        if (collected !== undefined) return [{ name, place: collected, log: "collected" }];
        return top === undefined ? [] : [{ name, place: top, log: "top" }];
      })
      .slice(0, LOGS)
      .map(async ({ name, ...log }) => ({ ...log, ...(await beginningOf(join(folder, name))) })),
  );

async function beginningOf(path: string): Promise<Pick<LogFile, "text" | "leftOutBytes">> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, LOG_BYTES));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    const text = bytes.toString("utf8", 0, bytesRead);
    return size > bytesRead ? { text, leftOutBytes: size - bytesRead } : { text };
  } finally {
    await file.close();
  }
}
