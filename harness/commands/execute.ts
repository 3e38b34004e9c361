import { join } from "node:path";
import { createJobLog, registerSecret } from "../../lib/log.js";
import type { JobRecord } from "../../lib/model/job.js";
import type { JobPlan, JobResult } from "../../lib/model/result.js";
import { openEventLog } from "../../lib/store/event-log.js";
import { jobFooter, jobHeader, type LiveConsole, liveConsole } from "../../reports/console.js";
import type { interruptible } from "../engine/interrupt.js";
import { exitCode } from "../exit-code.js";
import { doJob, type JobEdges, type Work } from "../job.js";
import type { Notifier } from "./notifier.js";
import { tellKept } from "./tell-kept.js";
import { writeReports } from "./write-reports.js";

export interface Execution {
  readonly folder: string;
  readonly failFast: boolean;
  /** Milliseconds; as of `JobEdges`. */
  readonly keepMs?: number | undefined;
  /** Ctrl-C, heard since before the lab came up. */
  readonly interrupt: ReturnType<typeof interruptible>;
  readonly write: (text: string) => void;
  readonly enough?: JobEdges["enough"];
  /** Told once, before the first case, what is going to be done. */
  readonly onPlan?: (plan: JobPlan) => void;
  /** Told before the reports are written. */
  readonly onResult?: (result: JobResult) => void;
  /** Tells people elsewhere. */
  readonly notifier?: Notifier | undefined;
}

const TICK_MS = 250;

/** A secret's value is taken out of the log wherever it turns up. */
export function secret(environmentName: string): string | undefined {
  const value = process.env[environmentName];
  if (value !== undefined && environmentName !== "SSH_AUTH_SOCK") registerSecret(value);
  return value;
}

/** Runs or resumes a job with its console, its log and its reports. @returns the exit code */
export async function execute(
  job: JobRecord,
  work: Work,
  { folder, failFast, keepMs, interrupt, write, enough, onPlan, onResult, notifier }: Execution,
): Promise<number> {
  const jobLog = createJobLog(join(folder, "job.log"));
  write(`${jobHeader({ jobId: job.jobId, jobLog: join(folder, "job.log"), profile: job.profile })}\n`);
  const log = openEventLog(join(folder, "events.ndjson"), (problem) => {
    write(`\nthe event log cannot be written: ${problem}\n`);
    process.kill(process.pid, "SIGTERM");
  });
  let view: LiveConsole | undefined;
  log.listen((event) => {
    view?.event(event);
    notifier?.event(event);
    jobLog.debug(JSON.stringify(event));
  });
  const ticking = setInterval(() => view?.tick(log.nowMs()), TICK_MS);
  const begin = (plan: JobPlan): void => {
    onPlan?.(plan);
    notifier?.plan(plan);
    view = consoleFor(plan, write);
  };
  try {
    const result = await doJob(job, work, {
      folder,
      log,
      failFast,
      keepMs,
      secret,
      progress: (progress) => view?.progress(progress),
      live: process.stdout.isTTY === true,
      signal: interrupt.signal,
      ...(enough === undefined ? {} : { enough }),
      onPlan: begin,
    });
    view?.close();
    onResult?.(result);
    notifier?.result(result);
    return await finish(folder, job, result, write);
  } finally {
    clearInterval(ticking);
    view?.close();
    log.close();
    await jobLog.close();
  }
}

function consoleFor(plan: JobPlan, write: (text: string) => void): LiveConsole {
  const isTty = process.stdout.isTTY === true && process.env.CI === undefined;
  return liveConsole({
    caseIds: plan.plans.map((planned) => planned.case.id),
    isTty,
    columns: () => process.stdout.columns,
    hasColour: isTty && process.env.NO_COLOR === undefined,
    write,
  });
}

async function finish(
  folder: string,
  job: JobRecord,
  result: JobResult,
  write: (text: string) => void,
): Promise<number> {
  const broken = await writeReports(folder, result);
  for (const line of broken) write(`${line}\n`);
  write(`${jobFooter(result, { html: join(folder, "results.html") })}\n`);
  await tellKept(folder, job, result, write);
  return exitCode(result) | (broken.length > 0 ? 2 : 0);
}
