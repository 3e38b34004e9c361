import { hostSnapshot } from "../../lib/host/snapshot.js";
import type { Evidence, GuestEvidence, HostEvidence, KernelLog } from "../../lib/model/check.js";
import type { LoadEvidence } from "../../lib/model/load-evidence.js";
import { leftOfLoad } from "../../lib/stress/stress.js";
import type { CaseContext, GuestState, HostHandle, LoadState } from "./context.js";
import { readKernelLog } from "./kernel-logs.js";

/**
 * All that was gathered.
 * @param isOver everything was taken back, and the hosts and what goes on are to be looked at once more
 */
export async function gathered(ctx: CaseContext, isOver: boolean): Promise<Evidence> {
  const { plan, state } = ctx;
  const [hosts, load] = await Promise.all([
    Promise.all([...ctx.hosts.values()].map((handle) => hostEvidence(ctx, handle, isOver))),
    Promise.all(state.load.map((one) => loadEvidence(ctx, one, isOver))),
  ]);
  return {
    case: plan.case,
    legs: state.legs,
    migrations: state.migrations,
    ...(state.settings.length === 0 ? {} : { settings: state.settings }),
    guests: [...state.guests.values()].map(guestEvidence),
    hosts,
    ...(state.areGuestsLeft ? { areGuestsLeft: true } : {}),
    load,
    boots: [...state.boots.values()].map(({ planned: { name, host }, address: _, isUp: __, ...boot }) => ({
      ...{ guest: name, host },
      ...boot,
    })),
    ...(state.eventPauses.length === 0 ? {} : { eventPauses: state.eventPauses }),
    events: state.events,
    eventGaps: state.eventGaps,
    ...(state.progress.size === 0 ? {} : { progress: [...state.progress.values()] }),
    ...(state.faults.length === 0 ? {} : { faults: state.faults }),
    ...(state.lostConnections.length === 0 ? {} : { lostConnections: state.lostConnections }),
    ...(state.probes.result === undefined ? {} : { path: state.probes.result }),
  };
}

async function hostEvidence(ctx: CaseContext, { host, remote }: HostHandle, isOver: boolean): Promise<HostEvidence> {
  const { name } = host;
  const { before, controlGroup } = ctx.state.hosts.get(name) ?? {};
  const [after, kernelLog] = await Promise.all([
    isOver ? hostSnapshot(remote.run, host).catch(() => undefined) : undefined,
    readKernelLog(ctx, name),
  ]);
  return {
    host: name,
    kernelLog,
    ...(controlGroup === undefined ? {} : { controlGroup }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

/** A guest that was taken away has taken its load along. */
async function loadEvidence({ state }: CaseContext, load: LoadState, isOver: boolean): Promise<LoadEvidence> {
  const { remote, file: _, stop, ...told } = load;
  const isThere = stop === undefined || state.areGuestsLeft;
  if (!isOver || !isThere) return told;
  return { ...told, leftProcesses: await leftOfLoad(remote.run, load).catch(() => "unknown" as const) };
}

const guestEvidence = (state: GuestState): GuestEvidence => {
  const { planned, takenOverOn, before, after, kernelLog, finalHosts, expectedHost, disks } = state;
  return {
    guest: planned.name,
    ...(takenOverOn === undefined ? {} : { takenOverOn }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    kernelLog: kernelLog ?? lost("the case ended before it was read"),
    ...(finalHosts === undefined ? {} : { finalHosts }),
    expectedHost,
    ...(disks === undefined ? {} : { disks }),
  };
};

const lost = (reason: string): KernelLog => ({ lost: reason });
