import { join } from "node:path";
import { messageOf } from "../../lib/errors.js";
import type { JobRecord } from "../../lib/model/job.js";
import { plainLines } from "../../lib/model/plain-text.js";
import type { JobResult } from "../../lib/model/result.js";
import { writeText } from "../../lib/store/artifacts.js";
import { caseFolder, KNOWN_HOSTS } from "../../lib/store/layout.js";
import { LOOK_FILE } from "../../reports/beside.js";
import { keptLines } from "../../reports/console/kept-lines.js";
import { keptOf } from "../keep.js";
import { readPlan } from "./read-plan.js";

/** Says of a case that has left its hosts as they were how to look at them, here and in the case's folder. Never rejects. */
export async function tellKept(
  folder: string,
  job: JobRecord,
  { cases }: JobResult,
  write: (text: string) => void,
): Promise<void> {
  try {
    const held = await keptOf(folder, job);
    const result = cases.find((one) => one.case.id === held?.caseId);
    if (result?.kept === undefined) return;
    const { plans } = await readPlan(folder);
    const plan = plans.find((one) => one.case.id === result.case.id);
    const own = caseFolder(folder, result.case.id);
    const lines = keptLines(result.kept, {
      caseId: result.case.id,
      inventory: job.inventory,
      guests: plan?.verdict === "run" ? [...plan.guests, ...plan.booters] : [],
      folder,
      caseFolder: own,
      knownHosts: join(own, KNOWN_HOSTS),
    });
    const text = `${lines.join("\n")}\n`;
    write(text);
    await writeText(join(own, LOOK_FILE), text);
  } catch (error) {
    write(`${plainLines(`how to look at what is kept cannot be told: ${messageOf(error)}`)}\n`);
  }
}
