import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { HarnessError } from "../../lib/errors.js";
import type { CheckResult, Evidence } from "../../lib/model/check.js";
import { foldEvents } from "../../lib/model/fold.js";
import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { worst } from "../../lib/model/status.js";
import { readEvents } from "../../lib/store/event-log.js";
import { caseFolder } from "../../lib/store/layout.js";
import { caseLine, jobFooter } from "../../reports/console.js";
import { judge } from "../checks/index.js";
import { exitCode } from "../exit-code.js";
import { readPlan } from "./read-plan.js";
import { singleFilePath, writeSingleFile } from "./single-file.js";
import { appendStepSummary } from "./step-summary.js";
import { writeReports } from "./write-reports.js";

type Write = (text: string) => void;

/**
 * Makes every report of a job again, from its plan, its events and its evidence, and with `singleFile` one page for mail.
 * @returns the job's exit code
 */
export async function report(
  folder: string,
  write: Write,
  { singleFile }: { readonly singleFile?: string } = {},
): Promise<number> {
  const path = singleFile === undefined ? undefined : await singleFilePath(folder, singleFile);
  const job = await jobResult(resolve(folder));
  const code = await tell(resolve(folder), job, write);
  if (path !== undefined) write(`${await writeSingleFile(resolve(folder), job, path)}\n`);
  return code;
}

/** Judges the stored evidence again with today's checks, and makes the reports of that. @returns the new exit code */
export async function recheck(folder: string, write: Write): Promise<number> {
  const path = resolve(folder);
  const job = await jobResult(path);
  const cases = await Promise.all(job.cases.map((result) => judgeAgain(path, result)));
  for (const [index, result] of cases.entries()) write(`${caseLine(index + 1, cases.length, result, false)}\n`);
  return tell(path, { ...job, cases }, write);
}

const jobResult = async (folder: string): Promise<JobResult> =>
  foldEvents(await readPlan(folder), await readEvents(join(folder, "events.ndjson")));

async function tell(folder: string, job: JobResult, write: Write): Promise<number> {
  const broken = await writeReports(folder, job);
  for (const line of broken) write(`${line}\n`);
  await appendStepSummary(folder, write);
  write(`${jobFooter(job, { html: join(folder, "results.html") })}\n`);
  return exitCode(job) | (broken.length > 0 ? 2 : 0);
}

/** A case that broke off keeps its reason: checks can only make it graver, as they could when it ran. */
async function judgeAgain(folder: string, result: CaseResult): Promise<CaseResult> {
  if (result.checks.length === 0) return result;
  const path = join(caseFolder(folder, result.case.id), "evidence.json");
  const text = await readFile(path, "utf8").catch(() => {
    throw new HarnessError("bad-input", `cannot judge ${result.case.id} again: there is no ${path}`);
  });
  const checks = judge(JSON.parse(text) as Evidence);
  return { ...result, checks, status: statusOf(result, checks) };
}

function statusOf({ status, reason, leftovers }: CaseResult, checks: readonly CheckResult[]): CaseResult["status"] {
  const [first = "ERROR", ...rest] = checks.map((check) => check.status);
  if (reason !== undefined) return checks.some((check) => check.status === "FAIL") ? "FAIL" : status;
  const judged = worst(first, ...rest);
  return leftovers.length === 0 ? judged : worst(judged, "ERROR");
}
