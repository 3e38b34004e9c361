import { changeHosts, undoAll } from "../lib/journal/change-host.js";
import type { JobRecord } from "../lib/model/job.js";
import type { RunnablePlan } from "../lib/model/plan.js";
import type { CommandRecord, HostFacts } from "../lib/model/result.js";
import type { EventLog } from "../lib/store/event-log.js";
import type { Remote } from "../lib/transport/transport.js";
import { type CaseContext, type HostHandle, newState } from "./engine/context.js";
import { recorded } from "./engine/recorded.js";
import type { JobEdges } from "./job.js";
import { lockedMachines } from "./locks.js";
import type { Machines } from "./machines.js";

export interface CaseParts {
  readonly job: JobRecord;
  readonly plan: RunnablePlan;
  readonly machines: Machines;
  readonly facts: readonly HostFacts[];
  readonly edges: Pick<JobEdges, "progress" | "live"> & { readonly log: Pick<EventLog, "emit" | "nowMs"> };
  /** Path of the case's undo journal. */
  readonly journal: string;
}

/** Puts together what a case works with; everything that is done on a machine is told as an event. */
export function caseContext(parts: CaseParts): { readonly ctx: CaseContext; readonly undo: () => Promise<string[]> } {
  const { job, plan, machines, edges, journal } = parts;
  const { emit, nowMs } = edges.log;
  const onRecord = (command: CommandRecord): void => emit({ type: "command", caseId: plan.case.id, command });
  const locked = lockedMachines(job, machines);
  const watched = (remote: Remote): Remote => recorded(remote, nowMs, onRecord);
  const ctx: CaseContext = {
    plan,
    inventory: job.inventory,
    jobKey: job.jobKey,
    token: job.token,
    hosts: new Map(plan.hosts.map((name) => [name, handleOf(parts, name, watched)])),
    ...(machines.storage === undefined ? {} : { storage: watched(machines.storage) }),
    observer: watched(machines.observer),
    openGuest: async (guest, address) => watched(await machines.openGuest(guest, address)),
    // The machine is looked up by name: the record shows what was meant, not the fence around it.
    change: (machine, changes) =>
      changeHosts(
        { journal, ...(locked.get(machine.name) ?? { remote: machine }), token: job.token, onRecord, nowMs },
        changes,
      ),
    emit,
    progress: edges.progress,
    live: edges.live,
    nowMs,
    state: newState(plan),
  };
  const undo = (): Promise<string[]> =>
    undoAll(journal, (name) => locked.get(name), job.token, {
      onUndo: ({ host, what, undo: { file, args } }, failure, durationMs) =>
        onRecord({
          host,
          argv: [file, ...args],
          what: `undo: ${what}`,
          exitCode: failure === undefined ? 0 : 1,
          ...(failure === undefined ? {} : { stderr: failure }),
          startMs: nowMs() - durationMs,
          durationMs,
        }),
    });
  return { ctx, undo };
}

function handleOf({ job, machines, facts }: CaseParts, name: string, watched: (remote: Remote) => Remote): HostHandle {
  const host = job.inventory.hosts.find((known) => known.name === name);
  const remote = machines.hosts.get(name);
  const known = facts.find((fact) => fact.host === name);
  if (host === undefined || remote === undefined || known === undefined) throw new Error(`the job has no host ${name}`);
  return { host, facts: known, remote: watched(remote) };
}
