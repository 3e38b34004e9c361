import { setMaxListeners } from "node:events";
import { performance } from "node:perf_hooks";
import { CancelCase, messageOf } from "../../lib/errors.js";
import type { CheckResult, Evidence } from "../../lib/model/check.js";
import type { CaseVerdict, NewEvent, StepTold } from "../../lib/model/event.js";
import type { Kept } from "../../lib/model/kept.js";
import type { RunnablePlan, Step } from "../../lib/model/plan.js";
import { type Status, worst } from "../../lib/model/status.js";
import { MOST_TIMER_MS } from "../../lib/model/units.js";

/** All that running a case needs from outside: a test fakes the world in a few lines. */
export interface World {
  /** Never throws: an event log that cannot be written ends the job, not the case. */
  readonly emit: (event: NewEvent) => void;
  /**
   * Does one step; rejects when it could not. It settles soon after `signal` aborts: nobody races it against a timer,
   * for then it would go on changing hosts while they are being restored.
   * @param told to be called with what the step turned out to be, where the plan could not know
   */
  readonly doStep: (step: Step, signal: AbortSignal, told: (did: StepTold) => void) => Promise<void>;
  /** Takes back every host change of the case; returns what could not be. */
  readonly restore: () => Promise<readonly string[]>;
  /** What was gathered, stored with the case; asked for after the restore. */
  readonly evidence: () => Promise<Evidence>;
  readonly judge: (evidence: Evidence) => readonly CheckResult[];
  /** Absent: every host is put back, whatever the verdict. */
  readonly keeping?: {
    /** What was gathered, with the hosts as the steps have left them. */
    readonly evidence: () => Promise<Evidence>;
    /** Has the hosts kept like that; rejects when that cannot be had, and then they are put back. */
    readonly hold: (status: Status) => Promise<Kept>;
  };
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
 *
 * Where hosts are to be kept it is judged before the restore, and one that is FAIL or ERROR by then has none.
 */
export async function runCase(plan: RunnablePlan, world: World, signal: AbortSignal): Promise<CaseVerdict> {
  const startedMs = performance.now();
  world.emit({ type: "case-started", caseId: plan.case.id });

  const stop = await runSteps(plan, world, signal);
  const ended = (await keptAsItIs(plan, world, stop, signal)) ?? (await putBack(plan, world, stop));
  const result: CaseVerdict = { case: plan.case, durationMs: performance.now() - startedMs, ...ended };
  world.emit({ type: "case-ended", result });
  return result;
}

type Ended = Omit<CaseVerdict, "case" | "durationMs">;

async function putBack(plan: RunnablePlan, world: World, stop: Stop | undefined): Promise<Ended> {
  const leftovers = await step(world, plan.case.id, "restore", world.restore).catch((error: unknown) => [
    `the restore itself failed: ${messageOf(error)}`,
  ]);
  const judged = await judgedFrom(world, world.evidence, stop);
  const fit = leftovers.length === 0 ? judged.status : worst(judged.status, "ERROR");
  const late = await world
    .leave(fit)
    .catch((error: unknown) => [`the guests were not taken away: ${messageOf(error)}`]);
  return {
    ...judged,
    status: late.length === 0 ? fit : worst(fit, "ERROR"),
    leftovers: [...leftovers, ...late],
  };
}

/** @returns undefined: nothing is kept, and the hosts are to be put back */
async function keptAsItIs(
  { case: { id } }: RunnablePlan,
  world: World,
  stop: Stop | undefined,
  signal: AbortSignal,
): Promise<Ended | undefined> {
  const { keeping } = world;
  const hasFailed = ({ status }: Stop): boolean => status === "FAIL" || status === "ERROR";
  if (keeping === undefined || signal.aborted || (stop !== undefined && !hasFailed(stop))) return undefined;
  const judged = await judgedFrom(world, keeping.evidence, stop);
  if (!hasFailed(judged) || signal.aborted) return undefined;
  // Hosts that nobody can be kept off are worth more than a look at them.
  const kept = await step(world, id, "keep hosts", () => keeping.hold(judged.status)).catch(() => undefined);
  return kept === undefined ? undefined : { ...judged, leftovers: [], kept };
}

async function judgedFrom(
  { judge }: World,
  gather: () => Promise<Evidence>,
  stop: Stop | undefined,
): Promise<Omit<Ended, "leftovers">> {
  const evidence = await gather().catch((error: unknown) => messageOf(error));
  const proves = typeof evidence !== "string" && stop?.status !== "INTERRUPTED" && stop?.status !== "CANCEL";
  const checks = proves ? judge(evidence) : [];
  const { status, reason } = verdict(checks, typeof evidence === "string" ? broken(evidence, stop) : stop);
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    checks,
    legs: typeof evidence === "string" ? [] : evidence.legs,
    ...(typeof evidence === "string" || evidence.path === undefined ? {} : { path: evidence.path.legs }),
  };
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
    const deadline = AbortSignal.timeout(Math.min(planned.deadlineMs, MOST_TIMER_MS));
    const stop = AbortSignal.any([signal, deadline]);
    // Every guest of a step listens to it; node takes more than ten listeners for a leak.
    setMaxListeners(0, stop);
    try {
      await step(world, id, planned.name, (told) => world.doStep(planned, stop, told));
    } catch (error) {
      const late = deadline.aborted && !signal.aborted;
      return stopFor(late ? new Error(`${planned.name} ran past ${planned.deadlineMs / 1000} s`) : error, signal);
    }
  }
  return undefined;
}

async function step<T>(
  { emit }: World,
  caseId: string,
  name: string,
  work: (told: (did: StepTold) => void) => Promise<T>,
): Promise<T> {
  emit({ type: "step-started", caseId, step: name });
  let turned: { readonly did?: StepTold } = {};
  const told = (did: StepTold): void => {
    turned = { did };
  };
  try {
    const result = await work(told);
    emit({ type: "step-ended", caseId, step: name, ...turned });
    return result;
  } catch (error) {
    emit({ type: "step-ended", caseId, step: name, ...turned, error: messageOf(error) });
    throw error;
  }
}

function stopFor(error: unknown, signal: AbortSignal): Stop {
  const reason = messageOf(error);
  if (signal.aborted) return { status: "INTERRUPTED", reason: messageOf(signal.reason) };
  return { status: error instanceof CancelCase ? "CANCEL" : "ERROR", reason };
}
