import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError, messageOf } from "../../lib/errors.js";
import { foldEvents } from "../../lib/model/fold.js";
import type { JobResult } from "../../lib/model/result.js";
import { RESULTS_SCHEMA } from "../../lib/model/result-schema.js";
import { checkedResult } from "../../lib/model/stored-result.js";
import { eventsWithoutCommands } from "../../lib/store/event-log.js";
import { readPlan } from "./read-plan.js";

/**
 * The result of a job from its folder alone, to be compared with others: as its reports tell it, else from plan and
 * events. Without the commands, which are most of it.
 * @throws HarnessError `bad-input` for what is no job's folder, damaged, or of a version that is not understood
 */
export async function readStoredJob(folder: string): Promise<JobResult> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new HarnessError("bad-input", `${folder}: there is no such folder`);
  const job = checkedResult((await hasCurrentResults(folder)) ? await fromResults(folder) : await fromEvents(folder));
  if (typeof job === "string") throw new HarnessError("bad-input", `${folder}: not a job's result: ${job}`);
  return { ...job, cases: job.cases.map((result) => ({ ...result, commands: [] })) };
}

/** Of a pass of a soak the results may be all that is left; of a job that was resumed and runs, they are old. */
async function hasCurrentResults(folder: string): Promise<boolean> {
  const [results, events] = await Promise.all(
    ["results.json", "events.ndjson"].map((name) => stat(join(folder, name)).catch(() => undefined)),
  );
  return results !== undefined && (events === undefined || results.mtimeMs >= events.mtimeMs);
}

async function fromResults(folder: string): Promise<unknown> {
  const path = join(folder, "results.json");
  const value = await readFile(path, "utf8")
    .then((text): unknown => JSON.parse(text))
    .catch((error: unknown) => {
      throw new HarnessError("bad-input", `${path}: cannot be read: ${messageOf(error)}`);
    });
  const { schema } = (value ?? {}) as { readonly schema?: unknown };
  if (schema === RESULTS_SCHEMA) return value;
  throw new HarnessError("bad-input", `${path}: of another version: ${String(schema)}, not ${RESULTS_SCHEMA}`);
}

async function fromEvents(folder: string): Promise<unknown> {
  const plan = await readPlan(folder);
  try {
    return foldEvents(plan, await eventsWithoutCommands(join(folder, "events.ndjson")));
  } catch (error) {
    throw new HarnessError("bad-input", `${folder}: its plan or its events are damaged: ${messageOf(error)}`);
  }
}
