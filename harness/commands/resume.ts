import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { HarnessError } from "../../lib/errors.js";
import { labDown } from "../../lib/lab/down.js";
import { isLabKept, ownerOf, writeOwner } from "../../lib/lab/owner.js";
import { labRuns } from "../../lib/lab/status.js";
import type { JobRecord } from "../../lib/model/job.js";
import type { JobPlan } from "../../lib/model/result.js";
import { webhookUrl } from "../../lib/notify/address.js";
import { writeJson } from "../../lib/store/artifacts.js";
import { interruptible } from "../engine/interrupt.js";
import { readJob, refuseKept } from "../recover.js";
import { type Execution, execute } from "./execute.js";
import { inQuestion, notified } from "./notifier.js";
import { readPlan } from "./read-plan.js";
import { recover } from "./recover.js";
import { appendStepSummary } from "./step-summary.js";

type Write = (text: string) => void;

/** Finishes a job that broke off: puts its hosts back, then runs what has no verdict yet. @returns the exit code */
export async function resume(
  folder: string,
  { failfast, keepOnFailure, notify }: { failfast?: boolean; keepOnFailure?: number; notify?: string },
  write: Write,
): Promise<number> {
  const webhook = webhookUrl(notify);
  const path = resolve(folder);
  const job = await readJob(path);
  const plan = await readPlan(path);
  await refuseKept(path, job);
  return notified({ webhook, job: inQuestion(job, path), write }, async (notifier) => {
    notifier?.plan(plan);
    await putBack(job, path, write);
    return goOn(job, plan, { folder: path, failFast: failfast === true, keepMs: keepOnFailure, write, notifier });
  });
}

async function putBack(job: JobRecord, folder: string, write: Write): Promise<void> {
  if (job.lab !== undefined) {
    if (!(await labRuns(job.lab)))
      throw new HarnessError("unreachable", `the lab ${job.lab} of ${job.jobId} is gone: run the scenarios anew`);
    refuseLive(job.lab, await ownerOf(job.lab));
    // The lab is ours from now on: another run would take it for a dead one's and clear it away.
    await writeOwner(job.lab, true);
  }
  const recovered = await recover(folder, { resultsDir: folder }, write);
  if (recovered !== 0)
    throw new HarnessError("command-failed", "the hosts could not be put back, so nothing was resumed");
}

/**
 * A lab that we called ours would be taken for a dead one's once we are gone, whoever is at work in it.
 * @throws HarnessError `host-busy` when that is a process that still runs
 */
export function refuseLive(lab: string, owner: Awaited<ReturnType<typeof ownerOf>>): void {
  if (owner === undefined || !owner.isAlive || owner.pid === process.pid) return;
  const who = `process ${owner.pid} is still at work in the lab ${lab}`;
  throw new HarnessError("host-busy", `${who}: wait for it, or stop it first: it puts its hosts back itself`, {
    lives: true,
  });
}

async function goOn(job: JobRecord, plan: JobPlan, how: Omit<Execution, "interrupt">): Promise<number> {
  const { folder, write } = how;
  const interrupt = interruptible((line) => write(`\n${line}\n`));
  try {
    // A token of its own: what the dead runner still has under way is refused by it.
    const fresh = { ...job, token: randomUUID() };
    await writeJson(join(folder, "job.json"), fresh);
    const code = await execute(fresh, { kind: "resumed", plan }, { ...how, interrupt });
    await appendStepSummary(folder, write);
    return code;
  } finally {
    interrupt.dispose();
    if (job.lab !== undefined && !(await isLabKept(job.lab))) await labDown(job.lab);
  }
}
