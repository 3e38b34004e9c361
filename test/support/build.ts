import type { Case } from "../../lib/model/case.js";
import type { CheckResult, LegEvidence } from "../../lib/model/check.js";
import type { Event, NewEvent } from "../../lib/model/event.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import { type Params, paramsSchema } from "../../lib/model/params.js";
import type { Plan, RunnablePlan } from "../../lib/model/plan.js";
import type { Profile } from "../../lib/model/profile.js";
import type { CaseResult, CommandRecord, HostFacts, JobPlan, JobResult, PhaseRecord } from "../../lib/model/result.js";
import type { PassSummary, SoakSummary, WatchedFigure } from "../../lib/model/soak.js";

/**
 * Builders for records: each gives a small, plausible and always equal value, of which a test replaces what it is about.
 */
export const buildParams = (given: unknown = {}): Params => paramsSchema.parse(given);

export const buildCase = (over: Partial<Case> = {}): Case => ({
  id: "smoke.orderly.precopy",
  scenario: "smoke",
  variants: ["orderly", "precopy"],
  tags: [],
  testIds: [],
  params: buildParams(),
  ...over,
});

export const buildCheck = (over: Partial<CheckResult> = {}): CheckResult => ({
  check: "outcome",
  status: "PASS",
  message: "all 4 migrations completed",
  ...over,
});

export const buildMigration = (over: Partial<MigrationRecord> = {}): MigrationRecord => ({
  guest: "ms-ab12cd3-001-g1",
  leg: 1,
  source: "h1",
  target: "h2",
  outcome: "completed",
  command: ["virsh", "migrate", "--live", "--verbose", "ms-ab12cd3-001-g1", "qemu+tcp://h2/system"],
  startMs: 6_000,
  endMs: 7_400,
  before: { source: "running", target: "absent" },
  after: { source: "absent", target: "running" },
  stats: { totalTimeMs: 1_180, reportedDowntimeMs: 41, dataProcessedBytes: 83_886_080, iterations: 3 },
  silence: { longestMs: 72, intervalMs: 10, sent: 140, received: 133, duplicates: 0, answeredAfter: true },
  ...over,
});

export const buildLeg = (over: Partial<LegEvidence> = {}): LegEvidence => ({
  number: 1,
  moves: [{ guest: "ms-ab12cd3-001-g1", from: "h1", to: "h2" }],
  width: 1,
  startMs: 6_000,
  endMs: 7_400,
  ...over,
});

export const buildPhase = (over: Partial<PhaseRecord> = {}): PhaseRecord => ({
  name: "inspect hosts",
  startMs: 0,
  durationMs: 400,
  ...over,
});

export const buildCommand = (over: Partial<CommandRecord> = {}): CommandRecord => ({
  host: "h1",
  argv: ["virsh", "domstate", "ms-ab12cd3-001-g1"],
  exitCode: 0,
  startMs: 100,
  durationMs: 21.4,
  ...over,
});

export const buildResult = (over: Partial<CaseResult> = {}): CaseResult => ({
  case: buildCase(),
  status: "PASS",
  durationMs: 12_310,
  checks: [buildCheck()],
  legs: [buildLeg()],
  migrations: [buildMigration()],
  phases: [buildPhase()],
  commands: [buildCommand()],
  leftovers: [],
  ...over,
});

export const buildHost = (over: Partial<HostFacts> = {}): HostFacts => ({
  host: "h1",
  system: "Linux h1 6.1.0-25-amd64",
  libvirtVersion: "9.0.0",
  qemuVersion: "7.2.11",
  virtType: "kvm",
  hostUuid: "11111111-2222-3333-4444-555555555555",
  freeMemoryMiB: 5_120,
  hasVirtInstall: true,
  tools: ["stress-ng"],
  seLinux: "absent",
  daemons: ["libvirtd"],
  ...over,
});

export const buildProfile = (over: Partial<Profile> = {}): Profile => ({
  name: "lab",
  summary: "Small guests, one round",
  scale: { "guests.memory": { times: 0.0625, atLeast: "160MiB" }, "movement.rounds": { atMost: 1 } },
  ...over,
});

export const buildJobPlan = (over: Partial<JobPlan> = {}): JobPlan => ({
  jobId: "ab12cd34ef56ab12cd34ef56ab12cd34ef56ab12",
  startedAt: "2026-11-21T06:42:17.000Z",
  seed: 42,
  version: "0.1.0",
  argv: ["migstorm", "run", "--lab", "scenarios/smoke.yaml"],
  hosts: [buildHost(), buildHost({ host: "h2", system: "Linux h2 6.1.0-25-amd64" })],
  plans: [buildPlan()],
  ...over,
});

export function buildJob(cases: readonly CaseResult[] = [buildResult()], over: Partial<JobResult> = {}): JobResult {
  const { plans: _, ...job } = buildJobPlan();
  return {
    ...job,
    durationMs: 75_200,
    interrupted: false,
    leftovers: [],
    runner: { cpuS: 4.2, peakMiB: 131 },
    cases,
    ...over,
  };
}

export const buildPlan = (over: Partial<RunnablePlan> = {}): RunnablePlan => ({
  verdict: "run",
  case: buildCase(),
  hosts: ["h1", "h2"],
  guests: [],
  booters: [],
  herd: "s.a",
  leavesGuests: false,
  steps: [],
  ...over,
});

export const buildSkip = (reason: string, over: Partial<Case> = {}): Plan => ({
  verdict: "skip",
  case: buildCase(over),
  reason,
});

export const buildPass = (over: Partial<PassSummary> = {}): PassSummary => ({
  pass: 1,
  jobId: `job-2026-11-21T06.42-${String(over.pass ?? 1).padStart(7, "0")}`,
  seed: 42,
  startedAt: "2026-11-21T06:42:17.000Z",
  durationMs: 12_310,
  exitCode: 0,
  counts: { PASS: 2, WARN: 0, SKIP: 0, CANCEL: 0, FAIL: 0, ERROR: 0, INTERRUPTED: 0 },
  isDirty: false,
  bytes: 120_000,
  kept: "whole",
  ...over,
});

export const buildFigure = (over: Partial<WatchedFigure> = {}): WatchedFigure => ({
  where: "h1",
  what: "libvirtd memory",
  unit: "KiB",
  first: 31_000,
  last: 31_040,
  restarts: 0,
  trend: { word: "steady", passes: 8, perPass: 5, perHour: 300, chance: 0.2 },
  ...over,
});

export const buildSoak = (over: Partial<SoakSummary> = {}): SoakSummary => ({
  soakId: "soak-2026-11-21T06.42-ab12cd3",
  startedAt: "2026-11-21T06:42:17.000Z",
  durationMs: 3_600_000,
  version: "0.1.0",
  argv: ["soak", "--passes", "8"],
  seed: 42,
  hosts: ["h1", "h2"],
  cases: 2,
  ended: "all passes were run",
  exitCode: 0,
  passes: [buildPass(), buildPass({ pass: 2 })],
  figures: [buildFigure()],
  ...over,
});

/** Stamps events as the log does: 100 ms apart unless told otherwise. */
export const stampEvents = (events: readonly NewEvent[], everyMs = 100): Event[] =>
  events.map((event, index) => ({
    ...event,
    at: new Date(Date.UTC(2026, 10, 21, 6, 42, 17) + index * everyMs).toISOString(),
    monoMs: index * everyMs,
  }));
