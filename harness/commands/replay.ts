import { resolve } from "node:path";
import { HarnessError } from "../../lib/errors.js";
import { labRuns } from "../../lib/lab/status.js";
import type { Case } from "../../lib/model/case.js";
import type { JobRecord } from "../../lib/model/job.js";
import { paramsSchema } from "../../lib/model/params.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { JobPlan } from "../../lib/model/result.js";
import { webhookUrl } from "../../lib/notify/address.js";
import { flat, settingChanges, settingsOf } from "../../reports/compare/settings.js";
import { interruptible } from "../engine/interrupt.js";
import { badInput } from "../places.js";
import { readJob } from "../recover.js";
import { select } from "../select.js";
import { oneJob } from "./one-job.js";
import { readPlan } from "./read-plan.js";
import { newJob, newJobKey, type RunOptions, type Where, withHosts } from "./run.js";

export interface ReplayOptions
  extends Pick<RunOptions, "inventory" | "lab" | "memory" | "hosts" | "fresh" | "keepOnFailure" | "notify"> {
  readonly resultsDir: string;
  /** Ids of cases, or of the tests they come from; `*` stands for anything. Absent: every case of the job. */
  readonly id?: readonly string[];
  readonly failfast?: boolean;
}

type Write = (text: string) => void;

/**
 * Runs cases of an earlier job once more: the parameters, the order and the seed are those of its plan, whatever the
 * scenarios say by now. Tells which versions are others. @returns the exit code, as `run`
 * @throws HarnessError `bad-input` for a folder that is no job's, an id that it does not have, parameters of another version
 */
export async function replay(dir: string, options: ReplayOptions, write: Write): Promise<number> {
  const webhook = webhookUrl(options.notify);
  const folder = resolve(dir);
  const [earlier, plan] = [await readJob(folder), await readPlan(folder)];
  const cases = casesOf(plan, options);
  const interrupt = interruptible((line) => write(`\n${line}\n`));
  try {
    const jobKey = newJobKey();
    return await whereOf(earlier, options, jobKey, write, async ({ inventory, lab }) => {
      const isSamePlace = inventory === earlier.inventory;
      const hosts = options.hosts ?? (isSamePlace ? earlier.hosts : undefined);
      const { seed, profile } = earlier;
      for (const line of toldOf(plan, cases)) write(`${line}\n`);
      return oneJob({
        ...{ job: newJob({ inventory, jobKey, seed, profile, hosts, lab }), cases, resultsDir: options.resultsDir },
        ...{ failFast: options.failfast === true, keepMs: options.keepOnFailure, webhook, interrupt, write },
        freshGuests: options.fresh === true || earlier.argv.includes("--fresh"),
        onPlan: (now) => {
          for (const line of changesSince(plan, now)) write(`${line}\n`);
        },
      });
    });
  } finally {
    interrupt.dispose();
  }
}

/**
 * The cases of a plan with these ids, all of them without any.
 * @throws HarnessError `bad-input` for an id that it does not have, and for parameters of another version
 */
export function casesOf({ plans, seed }: JobPlan, { id = [] }: Pick<ReplayOptions, "id">): Case[] {
  const cases = select(
    plans.map((plan) => plan.case),
    { id, seed },
  );
  const today = [...flat(paramsSchema.parse({})).keys()];
  const wrong = cases.flatMap(({ id: name, params }) => {
    const missing = today.filter((key) => !flat(params).has(key));
    return missing.length === 0 ? [] : [`${name} has no ${missing.slice(0, 5).join(", ")}`];
  });
  if (wrong.length === 0) return cases;
  throw badInput(["planned by another version of migstorm, whose parameters were others:", ...wrong.slice(0, 5)]);
}

/** On the same inventory as then, unless told otherwise. */
export async function whereOf(
  earlier: JobRecord,
  options: Pick<ReplayOptions, "inventory" | "lab" | "memory">,
  jobKey: string,
  write: Write,
  work: (where: Where) => Promise<number>,
): Promise<number> {
  if (options.lab === true || options.inventory !== undefined) return withHosts(options, jobKey, write, work);
  if (earlier.lab !== undefined && !(await labRuns(earlier.lab)))
    throw new HarnessError(
      "unreachable",
      `the lab ${earlier.lab} of ${earlier.jobId} is gone: say --lab for another one, or --inventory`,
    );
  return work({ inventory: earlier.inventory });
}

function toldOf({ jobId, seed, plans }: JobPlan, cases: readonly Case[]): string[] {
  const herds = new Map(plans.flatMap((plan) => (plan.verdict === "run" ? [[plan.case.id, plan.herd] as const] : [])));
  const ids = new Set(cases.map(({ id }) => id));
  const alone = cases.filter(({ id }) => !ids.has(herds.get(id) ?? id)).map(({ id }) => id);
  return [
    `REPLAY OF  : ${plainText(jobId)}, ${cases.length} of ${plans.length} cases, seed ${seed}`,
    ...(alone.length === 0
      ? []
      : [
          `GUESTS     : ${plainText(`booted anew for ${alone[0]}; then taken over from ${herds.get(alone[0] ?? "")}`)}`,
        ]),
  ];
}

/** What may make it end otherwise than then, a line each. */
export const changesSince = (then: JobPlan, now: Parameters<typeof settingsOf>[0]): string[] =>
  settingChanges(settingsOf(then), settingsOf(now)).map(
    ({ name, before, after }) =>
      `CHANGED    : ${plainText(`${name}: ${before ?? "none"} then, ${after ?? "none"} now`)}`,
  );
