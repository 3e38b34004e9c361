import { join } from "node:path";
import { HarnessError, messageOf } from "../lib/errors.js";
import { hostFacts } from "../lib/host/facts.js";
import type { Case } from "../lib/model/case.js";
import type { CaseVerdict, Event, Progress } from "../lib/model/event.js";
import { foldEvents } from "../lib/model/fold.js";
import type { Host } from "../lib/model/inventory.js";
import type { JobRecord } from "../lib/model/job.js";
import { shortMoment } from "../lib/model/kept.js";
import type { Plan, RunnablePlan } from "../lib/model/plan.js";
import type { HostFacts, JobPlan, JobResult, RunnerCost } from "../lib/model/result.js";
import { writeJson } from "../lib/store/artifacts.js";
import { type EventLog, readEvents } from "../lib/store/event-log.js";
import { holdHosts } from "./keep.js";
import { type HeldLocks, type JobLocks, lockMachines } from "./locks.js";
import { type Machines, openMachines, type Secret } from "./machines.js";
import { makePlans } from "./plan.js";
import { type CaseEdges, type Handover, type OneResult, runOneCase } from "./run-one-case.js";
import { runSuite } from "./suite.js";

/** What a job has to do: cases of a fresh one, or the plan of one that broke off. */
export type Work =
  | {
      readonly kind: "fresh";
      readonly cases: readonly Case[];
      /** Every case boots guests of its own. */
      readonly freshGuests: boolean;
    }
  | { readonly kind: "resumed"; readonly plan: JobPlan };

export interface JobEdges {
  readonly folder: string;
  readonly log: EventLog;
  readonly secret: Secret;
  readonly progress: (progress: Progress) => void;
  /** Called once, before the first event, with what is going to be done. */
  readonly onPlan: (plan: JobPlan) => void;
  /** Somebody looks at the progress, so that asking for it is worth its cost. */
  readonly live: boolean;
  readonly failFast: boolean;
  /** Milliseconds for which the hosts are kept as the first case left them that is FAIL or ERROR; absent: not at all. */
  readonly keepMs?: number | undefined;
  /** Asked before each case: why no further one is to begin. */
  readonly enough?: () => string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Does a job: opens the machines, takes their locks, plans, runs case after case, gives the locks back.
 * @throws HarnessError `unreachable`, `host-busy` and the like when it could not even begin
 */
export async function doJob(job: JobRecord, work: Work, edges: JobEdges): Promise<JobResult> {
  const cpuBefore = process.cpuUsage();
  const hosts = job.hosts.map((name) => hostNamed(job, name));
  const machines = await openMachines(job.inventory, hosts, edges.secret);
  try {
    const locks = await lockMachines(job, machines, edges.folder);
    let isDirty = false;
    try {
      const facts = await factsOf(hosts, machines);
      const plan = work.kind === "resumed" ? work.plan : freshPlan(job, work, facts);
      await writeJson(join(edges.folder, "plan.json"), plan);
      edges.onPlan(plan);
      const signal = AbortSignal.any([edges.signal, lostLock(locks)]);
      isDirty = true;
      const ours = { ...edges, signal, ...holding(job, edges, locks) };
      const { isClean, leftovers: left } = await runCases(plan, ours, (planned, handover) =>
        runOneCase(job, planned, machines, facts, ours, handover),
      );
      isDirty = !isClean;
      const leftovers = [...left, ...(isDirty ? [] : await locks.release())];
      const runner = runnerCost(cpuBefore);
      edges.log.emit({ type: "job-ended", interrupted: signal.aborted, leftovers, runner });
      return foldEvents(plan, await readEvents(join(edges.folder, "events.ndjson")));
    } finally {
      // A host that could not be put back keeps its lock, so that nobody works on it before `recover` did.
      await (isDirty ? locks.abandon() : locks.release());
    }
  } finally {
    await machines.close();
  }
}

function holding(job: JobRecord, { keepMs, folder }: JobEdges, { keep }: JobLocks): Pick<CaseEdges, "hold"> {
  if (keepMs === undefined) return {};
  return {
    hold: async (caseId) => {
      const until = new Date(Date.now() + keepMs).toISOString();
      await holdHosts(job, folder, { caseId, until }, keep);
      return until;
    },
  };
}

function runnerCost(before: NodeJS.CpuUsage): RunnerCost {
  const { user, system } = process.cpuUsage(before);
  return { cpuS: (user + system) / 1e6, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) };
}

/** A host that is no longer ours must not be changed any more: the job stops like at Ctrl-C. */
function lostLock({ lost }: HeldLocks): AbortSignal {
  const controller = new AbortController();
  void lost.then((reason) => controller.abort(new Error(reason)));
  return controller.signal;
}

function hostNamed({ inventory }: JobRecord, name: string): Host {
  const host = inventory.hosts.find((known) => known.name === name);
  if (host === undefined) throw new HarnessError("bad-input", `the inventory has no host ${name}`);
  return host;
}

const factsOf = (hosts: readonly Host[], machines: Machines): Promise<HostFacts[]> =>
  Promise.all(
    hosts.map((host) => {
      const remote = machines.hosts.get(host.name);
      if (remote === undefined) throw new HarnessError("internal", `${host.name} was not opened`);
      return hostFacts(remote.run, host);
    }),
  );

function freshPlan(
  job: JobRecord,
  { cases, freshGuests }: Extract<Work, { kind: "fresh" }>,
  facts: readonly HostFacts[],
): JobPlan {
  const [source, target] = facts;
  if (source === undefined || target === undefined) throw new HarnessError("internal", "a job has two hosts");
  const { jobId, startedAt, seed, version, argv, jobKey, inventory, profile } = job;
  const plans = makePlans(cases, { inventory, hosts: [source, target], jobKey, fresh: freshGuests });
  const scaled = profile === undefined ? {} : { profile };
  return { jobId, startedAt, seed, version, argv, ...scaled, hosts: facts, plans };
}

/** @returns whether every host change of the cases was taken back, and what was left between them unasked */
export async function runCases(
  plan: JobPlan,
  edges: Pick<JobEdges, "folder" | "log" | "failFast" | "enough" | "signal">,
  runOne: (planned: RunnablePlan, handover: Handover) => Promise<OneResult>,
): Promise<{ readonly isClean: boolean; readonly leftovers: readonly string[] }> {
  const done = verdictsOf(await readEvents(join(edges.folder, "events.ndjson")));
  edges.log.emit({ type: "job-started", jobId: plan.jobId });
  let takenOut: string | undefined;
  let isClean = true;
  let isKept = false;
  const handover: Handover = { dismiss: async () => [] };

  const resultOf = async (planned: Plan): Promise<Pick<CaseVerdict, "status" | "reason">> => {
    const before = done.get(planned.case.id);
    if (before !== undefined) return before;
    if (planned.verdict === "skip") return skip(edges, planned, planned.reason);
    if (edges.signal.aborted) return { status: "SKIP", reason: messageOf(edges.signal.reason) };
    const enough = takenOut ?? edges.enough?.();
    if (enough !== undefined) return skip(edges, planned, enough);
    const late = handover.herd === undefined || handover.herd.leader === planned.herd ? [] : await handover.dismiss();
    if (late.length > 0) {
      takenOut = `${planned.hosts.join(" and ")} were taken out of the job: guests of an earlier case are left: ${late.join("; ")}`;
      return skip(edges, planned, takenOut);
    }
    const result = await runOne(planned, handover).catch((error: unknown) => broken(edges, planned, error));
    takenOut = whyTakenOut(planned, result);
    isKept = result.kept !== undefined;
    isClean &&= result.leftovers.length === 0 && !isKept;
    return result;
  };
  await runSuite(plan.plans, { resultOf, failFast: edges.failFast });
  // What could not be taken away between two cases is tried once more.
  const leftovers = isKept ? [] : await handover.dismiss();
  return { isClean: isClean && leftovers.length === 0, leftovers };
}

const verdictsOf = (events: readonly Event[]): Map<string, CaseVerdict> => {
  const done = new Map<string, CaseVerdict>();
  for (const event of events) {
    if (event.type === "case-ended") done.set(event.result.case.id, event.result);
    if (event.type === "case-started") done.delete(event.caseId);
  }
  for (const [id, { status }] of done) if (status === "INTERRUPTED" || status === "SKIP") done.delete(id);
  return done;
};

function skip({ log }: Pick<JobEdges, "log">, planned: Plan, reason: string): Pick<CaseVerdict, "status" | "reason"> {
  const result: CaseVerdict = {
    case: planned.case,
    status: "SKIP",
    reason,
    durationMs: 0,
    checks: [],
    legs: [],
    leftovers: [],
  };
  log.emit({ type: "case-ended", result });
  return result;
}

/** What broke around a case (its folder could not be made, say) is told as its result: nobody else would hear of it. */
function broken({ log }: Pick<JobEdges, "log">, planned: Plan, error: unknown): OneResult {
  const reason = `the case could not be run: ${messageOf(error)}`;
  const result: CaseVerdict = {
    ...{ case: planned.case, status: "ERROR", reason, durationMs: 0 },
    ...{ checks: [], legs: [], leftovers: [] },
  };
  log.emit({ type: "case-ended", result });
  return { ...result, unknownGuests: [] };
}

/** Hosts that may run one guest twice, or that still carry what a case left there, are no ground for further cases. */
function whyTakenOut(
  { hosts, case: { id } }: RunnablePlan,
  { leftovers, kept, unknownGuests }: CaseVerdict & { readonly unknownGuests: readonly string[] },
) {
  const pair = hosts.join(" and ");
  if (kept !== undefined) return `not run: ${pair} are kept as ${id} left them, until ${shortMoment(kept.until)}`;
  if (leftovers.length > 0)
    return `${pair} were taken out of the job: ${id} could not put back ${leftovers.join("; ")}`;
  if (unknownGuests.length > 0)
    return `${pair} were taken out of the job: in ${id} nobody knows where ${unknownGuests.join(", ")} ran`;
  return undefined;
}
