import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { HarnessError } from "../../lib/errors.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { writeText } from "../../lib/store/artifacts.js";
import { caseFolder } from "../../lib/store/layout.js";
import type { BesideCase } from "../../reports/beside.js";
import { logExcerpts } from "../../reports/case-logs.js";
import { caseCharts } from "../../reports/case-page.js";
import { marksOf } from "../../reports/charts/marks.js";
import { renderHtml } from "../../reports/html.js";
import { failureSignature } from "../../reports/signature.js";
import { wentWrong } from "../../reports/summary.js";
import { readEvidence } from "./write-case-pages.js";

/** Mail makes four bytes of three, and many a server takes ten million. */
const MAX_BYTES = 7_000_000;

/** Where it would go. @throws HarnessError `bad-input` for a folder, and for one of the job's own reports */
export async function singleFilePath(folder: string, out: string): Promise<string> {
  const path = resolve(out);
  if ((await stat(path).catch(() => undefined))?.isDirectory())
    throw new HarnessError("bad-input", `${out} is a folder: name the file, e.g. ${out}/report.html`);
  if (path === resolve(folder, "results.html"))
    throw new HarnessError("bad-input", `${out} is the job's own report: name another file`);
  return path;
}

/**
 * Writes the job as one page for mail: with the charts of cases that went wrong, and of their logs the lines that checks point
 * to. One case of each failure signature comes first; what is left out for its size is said at the top.
 * @returns lines for people: what was written, and how large it is
 */
export async function writeSingleFile(
  folder: string,
  job: JobResult,
  path: string,
  maxBytes = MAX_BYTES,
): Promise<string> {
  const wrong = foremostOfEach(job);
  const cases = new Map<string, BesideCase>();
  // The longest that it can become: both numbers as large as they can be.
  let bytes = Buffer.byteLength(renderHtml(job, { cases, alone: said(wrong.length, wrong.length) }));
  for (const result of wrong) {
    const evidence = await readEvidence(caseFolder(folder, result.case.id));
    if (evidence === undefined) continue;
    const charts = caseCharts(result, evidence) + logExcerpts(result, evidence);
    const marks = marksOf(evidence);
    const more = Buffer.byteLength(charts) + marks.length * MARK_BYTES + LANES_BYTES;
    if (bytes + more > maxBytes) continue;
    bytes += more;
    cases.set(result.case.id, { hasLogs: false, marks, charts });
  }
  const html = renderHtml(job, { cases, alone: said(cases.size, wrong.length) });
  await writeText(path, html);
  const written = Buffer.byteLength(html);
  const tooLarge = written > maxBytes ? `, more than the ${maxBytes} that mail takes` : "";
  return `SINGLE FILE: ${plainText(path)} (${written} bytes${tooLarge}, charts of ${cases.size} of ${wrong.length} cases that went wrong)`;
}

/** What a mark takes on its lane, at most, and the lanes and the legend themselves. */
const MARK_BYTES = 700;
const LANES_BYTES = 12_000;

const said = (shown: number, wrong: number): string =>
  wrong === 0
    ? "This page stands alone. Charts, logs and all numbers lie in the job's folder."
    : `This page stands alone: it has the charts of ${shown} of the ${wrong} cases that went wrong. ${shown < wrong ? "Those of the others," : "Those of passed cases,"} logs and all numbers lie in the job's folder.`;

/** The first of each signature, and then the others. */
function foremostOfEach({ cases, hosts }: JobResult): CaseResult[] {
  const wrong = cases.filter(wentWrong);
  const names = hosts.map(({ host }) => host);
  const seen = new Set<string>();
  const isFirst = (result: CaseResult): boolean => {
    const signature = failureSignature(result, names);
    if (signature === undefined || seen.has(signature)) return false;
    seen.add(signature);
    return true;
  };
  const first = new Set(wrong.filter(isFirst));
  return [...first, ...wrong.filter((result) => !first.has(result))];
}
