import { setMaxListeners } from "node:events";
import { performance } from "node:perf_hooks";
import { CancelCase, messageOf } from "../../lib/errors.js";
import type { CheckResult, Evidence } from "../../lib/model/check.js";
import type { CaseVerdict, NewEvent } from "../../lib/model/event.js";
import type { RunnablePlan, Step } from "../../lib/model/plan.js";
import { type Status, worst } from "../../lib/model/status.js";

/** All that running a case needs from outside: a test fakes the world in a few lines. */
export interface World {
  /** Never throws: an event log that cannot be written ends the job, not the case. */
  readonly emit: (event: NewEvent) => void;
  /**
   * Does one step; rejects when it could not. It settles soon after `signal` aborts: nobody races it against a timer,
   * for then it would go on changing hosts while they are being restored.
   */
  readonly doStep: (step: Step, signal: AbortSignal) => Promise<void>;
  /** Takes back every host change of the case; returns what could not be. */
  readonly restore: () => Promise<readonly string[]>;
  /** What was gathered, stored with the case; asked for after the restore. */
  readonly evidence: () => Promise<Evidence>;
  readonly judge: (evidence: Evidence) => readonly CheckResult[];
  /** Told the verdict last of all: what was left running for the next case is taken away unless it passed. As `restore`. */
  readonly leave: (status: Status) => Promise<readonly string[]>;
}

/**
 * Runs one case: its steps in order, then the restore whatever happened, then the checks. Never throws.
 *
 * FAIL and WARN come only from a check. ERROR means that we cannot tell, or could not put a host back: an exception, a
 * check without an answer, no check at all, leftovers. CANCEL comes from a step that found the case does not apply,
 * INTERRUPTED from `signal`. A case that broke off is still judged, because a proven defect is never hidden; an
 * interrupted one is not, because what was cut short proves nothing.
 */
export async function runCase(plan: RunnablePlan, world: World, signal: AbortSignal): Promise<CaseVerdict> {
  const startedMs = performance.now();
  world.emit({ type: "case-started", caseId: plan.case.id });

  const stop = await runSteps(plan, world, signal);
  const leftovers = await step(world, plan.case.id, "restore", world.restore).catch((error: unknown) => [
    `the restore itself failed: ${messageOf(error)}`,
  ]);
  const evidence = await world.evidence().catch((error: unknown) => messageOf(error));
  const judged = stop?.status === "INTERRUPTED" || stop?.status === "CANCEL" || typeof evidence === "string";
  const checks = judged ? [] : world.judge(evidence);

  const { status, reason } = verdict(checks, typeof evidence === "string" ? broken(evidence, stop) : stop);
  const fit = leftovers.length === 0 ? status : worst(status, "ERROR");
  const late = await world
    .leave(fit)
    .catch((error: unknown) => [`the guests were not taken away: ${messageOf(error)}`]);
  const result: CaseVerdict = {
    case: plan.case,
    status: late.length === 0 ? fit : worst(fit, "ERROR"),
    ...(reason === undefined ? {} : { reason }),
    durationMs: performance.now() - startedMs,
    checks,
    legs: typeof evidence === "string" ? [] : evidence.legs,
    ...(typeof evidence === "string" || evidence.path === undefined ? {} : { path: evidence.path.legs }),
    leftovers: [...leftovers, ...late],
  };
  world.emit({ type: "case-ended", result });
  return result;
}

interface Stop {
  readonly status: Status;
  readonly reason?: string;
}

const broken = (message: string, stop: Stop | undefined): Stop =>
  stop ?? { status: "ERROR", reason: `the evidence could not be gathered: ${message}` };

function verdict(checks: readonly CheckResult[], stop: Stop | undefined): Stop {
  const [first, ...rest] = checks.map(({ status }) => status);
  if (stop !== undefined) return checks.some(({ status }) => status === "FAIL") ? { ...stop, status: "FAIL" } : stop;
  if (first === undefined) return { status: "ERROR", reason: "no check applies to this case" };
  return { status: worst(first, ...rest) };
}

async function runSteps(
  { case: { id }, steps }: RunnablePlan,
  world: World,
  signal: AbortSignal,
): Promise<Stop | undefined> {
  for (const planned of steps) {
    if (signal.aborted) return stopFor(signal.reason, signal);
    const deadline = AbortSignal.timeout(planned.deadlineMs);
    const stop = AbortSignal.any([signal, deadline]);
    // Every guest of a step listens to it; node takes more than ten listeners for a leak.
    setMaxListeners(0, stop);
    try {
      await step(world, id, planned.name, () => world.doStep(planned, stop));
    } catch (error) {
      const late = deadline.aborted && !signal.aborted;
      return stopFor(late ? new Error(`${planned.name} ran past ${planned.deadlineMs / 1000} s`) : error, signal);
    }
  }
  return undefined;
}

async function step<T>({ emit }: World, caseId: string, name: string, work: () => Promise<T>): Promise<T> {
  emit({ type: "step-started", caseId, step: name });
  try {
    const result = await work();
    emit({ type: "step-ended", caseId, step: name });
    return result;
  } catch (error) {
    emit({ type: "step-ended", caseId, step: name, error: messageOf(error) });
    throw error;
  }
}

function stopFor(error: unknown, signal: AbortSignal): Stop {
  const reason = messageOf(error);
  if (signal.aborted) return { status: "INTERRUPTED", reason: messageOf(signal.reason) };
  return { status: error instanceof CancelCase ? "CANCEL" : "ERROR", reason };
}
