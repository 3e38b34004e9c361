import { atMost } from "../lib/at-most.js";
import { changeHosts, undoAll } from "../lib/journal/change-host.js";
import type { UndoOptions } from "../lib/journal/undo.js";
import type { JobRecord } from "../lib/model/job.js";
import type { RunnablePlan } from "../lib/model/plan.js";
import type { CommandRecord, HostFacts } from "../lib/model/result.js";
import type { EventLog } from "../lib/store/event-log.js";
import type { Remote } from "../lib/transport/transport.js";
import { type CaseContext, type HostHandle, type LoggedIn, newState } from "./engine/context.js";
import { recorded } from "./engine/recorded.js";
import type { JobEdges } from "./job.js";
import { lockedMachines } from "./locks.js";
import type { Machines } from "./machines.js";

const CLOSING_MS = 3_000;

export interface CaseParts {
  readonly job: JobRecord;
  readonly plan: RunnablePlan;
  readonly machines: Machines;
  readonly facts: readonly HostFacts[];
  readonly edges: Pick<JobEdges, "progress" | "live"> & { readonly log: Pick<EventLog, "emit" | "nowMs"> };
  /** The case's folder. */
  readonly folder: string;
  /** Path of the case's undo journal. */
  readonly journal: string;
  /** The guests that the case migrates, its own or those of an earlier case. */
  readonly herd: Herd;
}

/** Guests that may outlive the case for which they were made: where their undo lies, and the logins to them. */
export interface Herd {
  /** Id of the case for which they are made. */
  readonly leader: string;
  readonly journal: string;
  readonly logins: Map<string, LoggedIn>;
  /** Why they were taken away last. */
  whyGone?: string;
}

/** Puts together what a case works with; everything that is done on a machine is told as an event. */
export function caseContext(parts: CaseParts): { readonly ctx: CaseContext; readonly undo: () => Promise<string[]> } {
  const { job, plan, machines, edges, journal, herd } = parts;
  const { emit, nowMs } = edges.log;
  const onRecord = (command: CommandRecord): void => emit({ type: "command", caseId: plan.case.id, command });
  const locked = lockedMachines(job, machines);
  const watched = (remote: Remote): Remote => recorded(remote, nowMs, onRecord);
  // The machine is looked up by name: the record shows what was meant, not the fence around it.
  const changeIn =
    (path: string): CaseContext["change"] =>
    (machine, changes) =>
      changeHosts(
        { journal: path, ...(locked.get(machine.name) ?? { remote: machine }), token: job.token, onRecord, nowMs },
        changes,
      );
  const undoOf = (path: string): Promise<string[]> => undoAll(path, (name) => locked.get(name), job.token, { onUndo });
  const onUndo: UndoOptions["onUndo"] = ({ host, what, undo: { file, args } }, failure, durationMs) =>
    onRecord({
      host,
      argv: [file, ...args],
      what: `undo: ${what}`,
      exitCode: failure === undefined ? 0 : 1,
      ...(failure === undefined ? {} : { stderr: failure }),
      startMs: nowMs() - durationMs,
      durationMs,
    });
  const ctx: CaseContext = {
    plan,
    inventory: job.inventory,
    jobKey: job.jobKey,
    token: job.token,
    hosts: new Map(plan.hosts.map((name) => [name, handleOf(parts, name, watched)])),
    ...(machines.storage === undefined ? {} : { storage: watched(machines.storage) }),
    observer: watched(machines.observer),
    openGuest: async (guest, address) => {
      const remote = await machines.openGuest(guest, address);
      if (plan.guests.includes(guest)) herd.logins.set(guest.name, { address, remote });
      return watched(remote);
    },
    change: changeIn(journal),
    herd: {
      kept: () => (herd.logins.size === 0 ? undefined : watchedLogins(herd, watched)),
      change: changeIn(herd.journal),
      logOut: () => logOut(herd),
      whyGone: () => herd.whyGone,
      dismiss: async (why) => {
        if (why !== undefined) herd.whyGone = why;
        await logOut(herd);
        machines.forgetGuests(plan.guests.map(({ name }) => name));
        return undoOf(herd.journal);
      },
    },
    emit,
    folder: parts.folder,
    progress: edges.progress,
    live: edges.live,
    nowMs,
    state: newState(plan),
  };
  return { ctx, undo: () => undoOf(journal) };
}

/** The guests may be gone already; nobody says good-bye to their connections then. */
async function logOut({ logins }: Herd): Promise<void> {
  await atMost(CLOSING_MS, Promise.all([...logins.values()].map(({ remote }) => remote.close())));
  logins.clear();
}

const watchedLogins = ({ logins }: Herd, watched: (remote: Remote) => Remote): ReadonlyMap<string, LoggedIn> =>
  new Map([...logins].map(([name, { address, remote }]) => [name, { address, remote: watched(remote) }]));

function handleOf({ job, machines, facts }: CaseParts, name: string, watched: (remote: Remote) => Remote): HostHandle {
  const host = job.inventory.hosts.find((known) => known.name === name);
  const remote = machines.hosts.get(name);
  const known = facts.find((fact) => fact.host === name);
  if (host === undefined || remote === undefined || known === undefined) throw new Error(`the job has no host ${name}`);
  return { host, facts: known, remote: watched(remote) };
}
