import type { Event } from "./event.js";
import type { MigrationRecord } from "./migration.js";
import type { Plan } from "./plan.js";
import type { CaseResult, JobPlan, JobResult, PhaseRecord } from "./result.js";
import type { SettingsRecord } from "./setting-lines.js";

type Gathered = { -readonly [K in "commands" | "migrations"]: CaseResult[K][number][] } & {
  phases: PhaseRecord[];
  settings: SettingsRecord[];
  underWay: Map<string, MigrationRecord>;
  startedMs: number;
  lastMs: number;
  verdict?: Extract<Event, { type: "case-ended" }>["result"];
};

/**
 * Rebuilds the job from its plan and its events; the live job, `report` and `resume` all go through here. A case that
 * started twice (a resumed job) counts from its last start. The harness dying is not a special case: a case that
 * started and never ended is INTERRUPTED, a migration that started and never ended is unknown, and a job without an end
 * was interrupted.
 */
export function foldEvents({ plans, ...job }: JobPlan, events: readonly Event[]): JobResult {
  const gathered = new Map<string, Gathered>();
  let ended: Extract<Event, { type: "job-ended" }> | undefined;
  for (const event of events) {
    if (event.type === "job-ended") ended = event;
    if (event.type === "job-started") ended = undefined;
    take(gathered, event);
  }
  const cases = plans.map((plan) => caseResult(plan, gathered.get(plan.case.id)));
  return {
    ...job,
    durationMs: events.at(-1)?.monoMs ?? 0,
    interrupted: ended?.interrupted ?? true,
    leftovers: ended?.leftovers ?? [],
    ...(ended?.runner === undefined ? {} : { runner: ended.runner }),
    cases,
  };
}

function take(gathered: Map<string, Gathered>, event: Event): void {
  const id = event.type === "case-ended" ? event.result.case.id : "caseId" in event ? event.caseId : undefined;
  if (id === undefined) return;
  // A case that is skipped while the job runs ends without a start.
  const isNew = event.type === "case-started" || (event.type === "case-ended" && !gathered.has(id));
  if (isNew) gathered.set(id, fresh(event.monoMs));
  const into = gathered.get(id);
  if (into === undefined) return;
  into.lastMs = event.monoMs;
  if (event.type === "settings") into.settings.push(event.record);
  if (event.type === "command") into.commands.push(event.command);
  if (event.type === "migration-started") into.underWay.set(keyOf(event), inFlight(event));
  if (event.type === "migration-ended") {
    into.migrations.push(event.record);
    into.underWay.delete(keyOf(event.record));
  }
  if (event.type === "step-started") into.phases.push({ name: event.step, startMs: event.monoMs, durationMs: 0 });
  if (event.type === "step-ended") endPhase(into.phases, event);
  if (event.type === "case-ended") into.verdict = event.result;
}

const fresh = (monoMs: number): Gathered => ({
  commands: [],
  migrations: [],
  phases: [],
  settings: [],
  underWay: new Map(),
  startedMs: monoMs,
  lastMs: monoMs,
});

const keyOf = ({ leg, guest }: Pick<MigrationRecord, "leg" | "guest">): string => `${leg} ${guest}`;

const inFlight = (event: Extract<Event, { type: "migration-started" }>): MigrationRecord => ({
  guest: event.guest,
  leg: event.leg,
  source: event.source,
  target: event.target,
  outcome: "unknown",
  error: "nothing is recorded of its end",
  startMs: event.monoMs,
});

function endPhase(phases: PhaseRecord[], { step, monoMs, did, error }: Extract<Event, { type: "step-ended" }>): void {
  const index = phases.findLastIndex(({ name }) => name === step);
  const phase = phases[index];
  if (phase === undefined) return;
  phases[index] = { ...phase, ...did, durationMs: monoMs - phase.startMs, ...(error === undefined ? {} : { error }) };
}

function caseResult(plan: Plan, gathered: Gathered | undefined): CaseResult {
  const empty = { case: plan.case, durationMs: 0, checks: [], legs: [], leftovers: [] };
  const { commands = [], migrations = [], settings = [], phases = [], underWay } = gathered ?? {};
  const seen = {
    commands,
    migrations: [...migrations, ...(underWay?.values() ?? [])],
    ...(settings.length === 0 ? {} : { settings }),
    phases,
  };
  if (gathered?.verdict !== undefined) return { ...gathered.verdict, ...seen };
  if (plan.verdict === "skip") return { ...empty, ...seen, status: "SKIP", reason: plan.reason };
  if (gathered === undefined)
    return { ...empty, ...seen, status: "SKIP", reason: "the job ended before this case was started" };
  const durationMs = gathered.lastMs - gathered.startedMs;
  return { ...empty, ...seen, durationMs, status: "INTERRUPTED", reason: "the job ended while this case was running" };
}
