import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { HarnessError } from "../../lib/errors.js";
import { foldEvents } from "../../lib/model/fold.js";
import type { Notification } from "../../lib/model/notification.js";
import { plainLines } from "../../lib/model/plain-text.js";
import type { SoakSummary } from "../../lib/model/soak.js";
import { STATUSES } from "../../lib/model/status.js";
import { webhookUrl } from "../../lib/notify/address.js";
import { post } from "../../lib/notify/post.js";
import { redact } from "../../lib/redact.js";
import { eventsWithoutCommands } from "../../lib/store/event-log.js";
import { notificationOf, testNotification } from "../../reports/notify/notification.js";
import { type StandingFold, standingFold } from "../../reports/notify/standing.js";
import { EXIT, exitCode } from "../exit-code.js";
import { badInput } from "../places.js";
import { readJob } from "../recover.js";
import { VERSION } from "../version.js";
import { knowSecrets } from "./know-secrets.js";
import { inQuestion, RUNNER_PATIENCE, toldPart } from "./notifier.js";
import { readPlan } from "./read-plan.js";

/** A folder does not say whether its runner is alive. */
const NO_END = { event: "killed", isGuess: true } as const;

export interface NotifyOptions {
  /** Webhook, or the name of the environment variable that holds it. */
  readonly notify?: string;
  readonly test?: boolean;
}

/**
 * Tells a webhook how a stored job or soak ended, or that it has no end so far; or sends a message to try the webhook.
 * @returns the exit code
 * @throws HarnessError `bad-input`; `command-failed` when the message did not arrive
 */
export async function notify(
  dir: string | undefined,
  { notify: where, test = false }: NotifyOptions,
  write: (text: string) => void,
): Promise<number> {
  const webhook = webhookUrl(where);
  if (webhook === undefined) throw badInput(["say where: --notify URL, or put it into MIGSTORM_NOTIFY"]);
  if ((dir === undefined) !== test) throw badInput(["say what: the folder of a job or a soak, or --test alone"]);
  const at = new Date().toISOString();
  const message = dir === undefined ? testNotification(hostname(), VERSION, at) : await ofFolder(resolve(dir), at);
  const posted = await post(webhook, message, RUNNER_PATIENCE);
  if (!posted.isSent) throw new HarnessError("command-failed", `the webhook was not told: ${posted.problem}`);
  write(`SENT       : ${message.event}\n${plainLines(message.text)}\n`);
  return EXIT.ok;
}

async function ofFolder(folder: string, at: string): Promise<Notification> {
  const soak = await readFile(join(folder, "soak.json"), "utf8").catch(() => undefined);
  return soak === undefined ? ofJob(folder, at) : ofSoak(folder, JSON.parse(soak) as SoakSummary, at);
}

async function ofJob(folder: string, at: string): Promise<Notification> {
  const [job, plan] = [await readJob(folder), await readPlan(folder)];
  knowSecrets(job.inventory);
  const fold = standingFold();
  fold.plan(plan);
  const events = (await eventsWithoutCommands(join(folder, "events.ndjson"))).map(toldPart);
  for (const event of events) fold.take(event);
  const about = { ...inQuestion(job, folder), runner: hostname() };
  const isOver = events.findLast(({ type }) => type === "job-ended" || type === "job-started")?.type === "job-ended";
  if (!isOver) return notificationOf(about, fold.now(), NO_END, at);
  const result = foldEvents(plan, events);
  fold.result(result.cases, result.leftovers);
  const { interrupted, durationMs } = result;
  const what = { event: "end", exitCode: exitCode(result), interrupted, durationMs } as const;
  return notificationOf(about, fold.now(), what, at);
}

async function ofSoak(folder: string, soak: SoakSummary, at: string): Promise<Notification> {
  const fold = standingFold();
  for (const { jobId } of soak.passes) await takePass(fold, join(folder, jobId));
  const all = [...soak.passes, ...(soak.earlier === undefined ? [] : [soak.earlier])];
  const counts = Object.fromEntries(
    STATUSES.map((status) => [status, all.reduce((sum, { counts: told }) => sum + told[status], 0)]),
  ) as Notification["counts"];
  const standing = {
    ...fold.now(),
    ...{
      counts,
      failedCount: counts.FAIL + counts.ERROR,
      planned: soak.cases,
      begun: (soak.earlier?.passes ?? 0) + soak.passes.length,
    },
  };
  const { soakId: id, startedAt, version, ended, durationMs } = soak;
  const about = { id, kind: "soak", runner: hostname(), folder, startedAt, version } as const;
  if (ended === undefined) return notificationOf(about, standing, NO_END, at);
  const interrupted = (soak.exitCode & EXIT.interrupted) !== 0;
  const what = { event: "end", exitCode: soak.exitCode, interrupted, durationMs, problem: redact(ended) } as const;
  return notificationOf(about, standing, what, at);
}

/** Of a pass that went well long ago nothing but its line in the summary may be left. */
async function takePass(fold: StandingFold, folder: string): Promise<void> {
  const plan = await readPlan(folder).catch(() => undefined);
  await readJob(folder).then(
    ({ inventory }) => knowSecrets(inventory),
    () => undefined,
  );
  if (plan !== undefined) fold.plan(plan);
  for (const event of await eventsWithoutCommands(join(folder, "events.ndjson"))) fold.take(toldPart(event));
}
