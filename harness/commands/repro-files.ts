import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../lib/errors.js";
import { changesIn } from "../../lib/journal/journal.js";
import type { JobRecord } from "../../lib/model/job.js";
import type { RunnablePlan } from "../../lib/model/plan.js";
import type { CaseResult, JobPlan, JobResult } from "../../lib/model/result.js";
import type { Status } from "../../lib/model/status.js";
import { redact } from "../../lib/redact.js";
import { writeText } from "../../lib/store/artifacts.js";
import { caseFolder } from "../../lib/store/layout.js";
import type { MadeChange } from "../../reports/repro/input.js";
import { reproScript } from "../../reports/repro/repro.js";
import { undoScript } from "../../reports/repro/undo.js";
import { CASE_JOURNAL, GUESTS_JOURNAL } from "../case-journals.js";

const WANTED: ReadonlySet<Status> = new Set(["FAIL", "ERROR", "WARN"]);

/** Writes `repro.sh` and `undo.sh` into the folder of every case that was not content. @returns what could not be written */
export async function writeRepros(folder: string, { cases }: JobResult): Promise<string[]> {
  const wanted = cases.filter(({ status, commands }) => WANTED.has(status) && commands.length > 0);
  if (wanted.length === 0) return [];
  const [job, plan] = await Promise.all([
    readJson<JobRecord>(join(folder, "job.json")),
    readJson<JobPlan>(join(folder, "plan.json")),
  ]);
  // Of a pass of which only the results are left there is nothing that could be had again.
  if (job === undefined || plan === undefined) return [];
  const plans = new Map(plan.plans.flatMap((one) => (one.verdict === "run" ? [[one.case.id, one] as const] : [])));
  const problems: string[] = [];
  for (const result of wanted) {
    const planned = plans.get(result.case.id);
    if (planned === undefined) continue;
    await writeBoth(folder, job, planned, result).catch((error: unknown) =>
      problems.push(`repro.sh of ${result.case.id} could not be written: ${messageOf(error)}`),
    );
  }
  return problems;
}

async function writeBoth(folder: string, job: JobRecord, planned: RunnablePlan, result: CaseResult): Promise<void> {
  const own = caseFolder(folder, planned.case.id);
  const guestsMade = once(await madeIn(join(caseFolder(folder, planned.herd), GUESTS_JOURNAL)));
  const isOwn = ({ host, what }: MadeChange): boolean =>
    result.commands.some((command) => command.host === host && command.what === what);
  const input = {
    jobId: job.jobId,
    hosts: planned.hosts,
    inventory: job.inventory,
    guests: planned.guests,
    result,
    earlier: guestsMade.some(isOwn) ? [] : guestsMade,
  };
  await writeText(join(own, "repro.sh"), redact(reproScript(input)));
  await writeText(
    join(own, "undo.sh"),
    redact(undoScript(input, [...guestsMade, ...(await madeIn(join(own, CASE_JOURNAL)))])),
  );
}

const madeIn = async (path: string): Promise<MadeChange[]> => changesIn(await readFile(path, "utf8").catch(() => ""));

/** Guests that were made anew for a later case stand in the journal as often. */
const once = (changes: readonly MadeChange[]): MadeChange[] => [
  ...new Map(changes.map((change) => [JSON.stringify([change.host, change.what, change.apply.args]), change])).values(),
];

const readJson = async <T>(path: string): Promise<T | undefined> =>
  readFile(path, "utf8").then(
    (text) => JSON.parse(text) as T,
    () => undefined,
  );
