import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { HarnessError, messageOf } from "../../lib/errors.js";
import { labDown } from "../../lib/lab/down.js";
import { writeOwner } from "../../lib/lab/owner.js";
import { labRuns } from "../../lib/lab/status.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { JobPlan } from "../../lib/model/result.js";
import { writeJson } from "../../lib/store/artifacts.js";
import { interruptible } from "../engine/interrupt.js";
import { readJob } from "../recover.js";
import { execute } from "./execute.js";
import { recover } from "./recover.js";
import { appendStepSummary } from "./step-summary.js";

type Write = (text: string) => void;

/** Finishes a job that broke off: puts its hosts back, then runs what has no verdict yet. @returns the exit code */
export async function resume(
  folder: string,
  { failfast }: { readonly failfast?: boolean },
  write: Write,
): Promise<number> {
  const path = resolve(folder);
  const job = await readJob(path);
  const plan = await readPlan(path);
  if (job.lab !== undefined) {
    if (!(await labRuns(job.lab)))
      throw new HarnessError("unreachable", `the lab ${job.lab} of ${job.jobId} is gone: run the scenarios anew`);
    // The lab is ours from now on: another run would take it for a dead one's and clear it away.
    await writeOwner(job.lab, true);
  }
  const recovered = await recover(path, { resultsDir: path }, write);
  if (recovered !== 0)
    throw new HarnessError("command-failed", "the hosts could not be put back, so nothing was resumed");
  const interrupt = interruptible((line) => write(`\n${line}\n`));
  try {
    // A token of its own: what the dead runner still has under way is refused by it.
    const fresh = { ...job, token: randomUUID() };
    await writeJson(join(path, "job.json"), fresh);
    const code = await execute(
      fresh,
      { kind: "resumed", plan },
      { folder: path, failFast: failfast === true, interrupt, write },
    );
    await appendStepSummary(path, write);
    return code;
  } finally {
    interrupt.dispose();
    if (job.lab !== undefined) await labDown(job.lab);
  }
}

export async function readPlan(folder: string): Promise<JobPlan> {
  try {
    return JSON.parse(await readFile(join(folder, "plan.json"), "utf8")) as JobPlan;
  } catch (error) {
    throw new HarnessError("bad-input", (await whyNoJob(folder)) ?? unreadable(folder, messageOf(error)));
  }
}

const unreadable = (folder: string, reason: string): string =>
  `${plainText(folder)} has no readable plan.json: the job broke off before it had a plan, run it anew (${plainText(reason)})`;

/** Of a folder that never was a job's; undefined for one that was. */
async function whyNoJob(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return `${plainText(folder)}: there is no such folder`;
  if (names.includes("job.json") || names.includes("plan.json")) return undefined;
  const inside = names
    .filter((name) => /^job-\d/.test(name))
    .sort()
    .at(-1);
  const hint = inside === undefined ? "" : `; name a job's, e.g. ${plainText(join(folder, inside))}`;
  return `${plainText(folder)} is not the folder of a job: it has no job.json${hint}`;
}
