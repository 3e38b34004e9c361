import { hostname } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../lib/errors.js";
import { isAtWork } from "../../lib/lock/host-lock.js";
import { createJobLog } from "../../lib/log.js";
import type { Event } from "../../lib/model/event.js";
import type { JobRecord } from "../../lib/model/job.js";
import type { JobPlan, JobResult } from "../../lib/model/result.js";
import { type PostPatience, post } from "../../lib/notify/post.js";
import { notifiedPath, recordNotified, wasNotified } from "../../lib/notify/record.js";
import { startWatch } from "../../lib/notify/watch.js";
import { redactAll } from "../../lib/redact.js";
import { eventsWithoutCommands } from "../../lib/store/event-log.js";
import { safeText } from "../../reports/console/safe-text.js";
import { type Happening, type JobInQuestion, notificationOf } from "../../reports/notify/notification.js";
import { isFailure, standingFold } from "../../reports/notify/standing.js";
import { EXIT, exitCodeOfError } from "../exit-code.js";

/** What people elsewhere are told of, and by which process. None of it throws. */
export interface Notifier {
  readonly plan: (plan: JobPlan) => void;
  readonly event: (event: Event) => void;
  readonly result: (result: JobResult) => void;
  /** Why it ended as it did, where its verdicts do not say. */
  readonly because: (problem: string) => void;
}

export interface Telling {
  /** Absent: nobody is to be told. */
  readonly webhook: string | undefined;
  readonly job: Omit<JobInQuestion, "runner">;
  readonly write: (text: string) => void;
}

/** A receiver that hangs holds up the end of a job so long, and once more if the first failure is still on its way. */
export const RUNNER_PATIENCE: PostPatience = { totalMs: 10_000, tryMs: 5_000, pauseMs: 500 };

/**
 * Does a job, and tells a webhook of its first failure and of its end, whatever that is. Should this process end without a
 * word, another one tells that. What becomes of the messages changes neither the exit code nor what is thrown.
 */
export async function notified(
  telling: Telling,
  work: (notifier: Notifier | undefined) => Promise<number>,
): Promise<number> {
  const { webhook } = telling;
  if (webhook === undefined) return work(undefined);
  const { notifier, end, leave } = await openNotifier({ ...telling, webhook });
  const [exitCode, error] = await work(notifier).then(
    (code) => [code, undefined] as const,
    (thrown: unknown) => [exitCodeOfError(thrown), thrown] as const,
  );
  if (error !== undefined) notifier.because(messageOf(error));
  // The job goes on in another process, which tells of it: this is not its end.
  await (isAtWork(error, telling.job.id) ? leave() : end(exitCode));
  if (error !== undefined) throw error;
  return exitCode;
}

async function openNotifier({ webhook, job, write }: Telling & { readonly webhook: string }) {
  const startMs = performance.now();
  const about: JobInQuestion = { ...job, runner: hostname() };
  const fold = standingFold();
  const record = notifiedPath(job.folder);
  let isFirstTold = await wasNotified(job.folder, "first-failure");
  for (const event of await eventsWithoutCommands(join(job.folder, "events.ndjson"))) fold.take(toldPart(event));

  const complain = async (line: string): Promise<void> => {
    write(`\nNOTIFY     : ${safeText(line)}\n`);
    const log = createJobLog(join(job.folder, "job.log"));
    log.warn(`notify: ${line}`);
    await log.close();
  };
  const watch = startWatch({ url: webhook, record }, (problem) => {
    void complain(`nobody watches over this process (${problem}): should it be killed, nobody is told`);
  });
  const message = (what: Happening) => notificationOf(about, fold.now(), what, new Date().toISOString());
  const holdNow = (): void => watch.hold(message({ event: "killed" }));
  const tell = async (what: Happening): Promise<void> => {
    const posted = await post(webhook, message(what), RUNNER_PATIENCE);
    const problem = posted.isSent ? {} : { problem: posted.problem };
    await recordNotified(record, { at: new Date().toISOString(), event: what.event, ...problem });
    if (!posted.isSent) await complain(`the webhook was not told (${what.event}): ${posted.problem}`);
  };
  let first: Promise<void> = Promise.resolve();
  let problem: string | undefined;
  const take = (event: Event): void => {
    if (!TOLD.has(event.type)) return;
    fold.take(toldPart(event));
    holdNow();
    if (isFirstTold || event.type !== "case-ended" || !isFailure(event.result)) return;
    isFirstTold = true;
    first = tell({ event: "first-failure" });
  };
  holdNow();
  const notifier: Notifier = {
    plan: (plan) => fold.plan(redactAll({ hosts: plan.hosts, plans: plan.plans.map(() => 0) })),
    event: (event) => {
      try {
        take(event);
      } catch (error) {
        void complain(`an event could not be told: ${messageOf(error)}`);
      }
    },
    result: ({ cases, leftovers }) => fold.result(cases, redactAll(leftovers)),
    because: (text) => {
      problem = redactAll(text);
    },
  };
  const end = async (exitCode: number): Promise<void> => {
    const interrupted = (exitCode & EXIT.interrupted) !== 0;
    const why = problem === undefined ? {} : { problem };
    const what: Happening = { event: "end", exitCode, interrupted, durationMs: performance.now() - startMs, ...why };
    watch.hold(message(what));
    await first;
    await tell(what);
    await watch.release();
  };
  return { notifier, end, leave: watch.release };
}

/** A job as messages name it. */
export const inQuestion = ({ jobId, startedAt, version }: JobRecord, folder: string): Telling["job"] => ({
  ...{ id: jobId, kind: "job", folder, startedAt, version },
});

const TOLD: ReadonlySet<Event["type"]> = new Set(["job-started", "case-started", "step-started", "case-ended"]);

/** Without secrets. Of a case that was watched, the figures are most of it. */
export function toldPart(event: Event): Event {
  if (event.type !== "case-ended" || event.result?.path === undefined) return redactAll(event);
  const { path: _, ...result } = event.result;
  return redactAll({ ...event, result });
}
