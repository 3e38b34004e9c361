import { allDone } from "../../lib/all-done.js";
import { messageOf } from "../../lib/errors.js";
import { restartDaemon } from "../../lib/host/restart-daemon.js";
import { domainStates } from "../../lib/libvirt/virsh.js";
import type { Move } from "../../lib/model/plan.js";
import type { Fault } from "../../lib/model/probe-params.js";
import { blockPorts } from "../../lib/net/block-ports.js";
import { until } from "../../lib/poll.js";
import { askProgress } from "./ask-progress.js";
import { type CaseContext, hostOf } from "./context.js";
import { listen, openShell } from "./listen.js";

const EVERY_MS = 50;
const BACK_MS = 60_000;

interface Leg {
  readonly number: number;
  readonly moves: readonly Move[];
}

/** Makes go wrong what is to go wrong before the first migration of a leg; its ports are open by then. */
export async function faultsAtStart(ctx: CaseContext, leg: Leg, signal: AbortSignal): Promise<void> {
  for (const fault of faultsOf(ctx, leg, "start")) await strike(ctx, fault, leg, signal);
}

/** What is to go wrong while a leg runs. */
export interface ArmedFaults {
  /** To be called when the migrations are over: what was not yet made to go wrong no longer is. */
  readonly disarm: () => void;
  /**
   * Waits until what went wrong is over with.
   * @throws Error when it could not be made to, or never came to pass: then the case has not shown what its name says
   */
  readonly struck: () => Promise<void>;
}

/** Waits until half of a guest's memory was sent, and then makes go wrong what is to go wrong half-way. */
export function armFaults(ctx: CaseContext, leg: Leg, signal: AbortSignal): ArmedFaults {
  const faults = faultsOf(ctx, leg, "half-way");
  if (faults.length === 0) return { disarm: () => undefined, struck: async () => undefined };
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const struck = whenHalfWay(ctx, leg, stop).then(async (isHalfWay) => {
    if (isHalfWay) for (const fault of faults) await strike(ctx, fault, leg, signal);
    return isHalfWay;
  });
  struck.catch(() => undefined);
  return {
    disarm: () => ended.abort(),
    struck: async () => {
      if (!(await struck) && !signal.aborted)
        throw new Error(`leg ${leg.number}: no migration was seen half-way, so nothing was made to go wrong`);
    },
  };
}

const faultsOf = ({ plan }: CaseContext, { number }: Leg, at: Fault["at"]): Fault[] =>
  plan.case.params.faults.filter((fault) => fault.at === at && (fault.leg === undefined || fault.leg === number));

async function whenHalfWay(ctx: CaseContext, { number, moves }: Leg, stop: AbortSignal): Promise<boolean> {
  const isHalfWay = async (): Promise<boolean> => {
    if (stop.aborted) return true;
    const asked = moves.map(async (move) => {
      const { memoryRemainingBytes, memoryTotalBytes } =
        (await askProgress(ctx, number, move).catch(() => undefined))?.stats ?? {};
      // Before its memory goes, libvirt says 0 of 0.
      return (memoryTotalBytes ?? 0) > 0 && (memoryRemainingBytes ?? Number.NaN) <= (memoryTotalBytes ?? 0) / 2;
    });
    return (await Promise.all(asked)).some(Boolean);
  };
  await until(isHalfWay, { everyMs: EVERY_MS, timeoutMs: 24 * 3_600_000, what: "a migration to be half-way" });
  return !stop.aborted;
}

async function strike(ctx: CaseContext, fault: Fault, { number, moves }: Leg, signal: AbortSignal): Promise<void> {
  const names = new Set(moves.map(({ from, to }) => (fault.on === "source" ? from : to)));
  await allDone(
    [...names].map(async (name) => {
      const { host, remote } = hostOf(ctx, name);
      const told = { do: fault.do, host: name, leg: number, startMs: ctx.nowMs() };
      const { faults } = ctx.state;
      if (fault.do === "kill-libvirtd")
        return restart(ctx, name, signal).finally(() => faults.push({ ...told, endMs: ctx.nowMs() }));
      await ctx.change(remote, [blockPorts(fault.do, host.firewall, ctx.jobKey)]);
      faults.push(told);
    }),
  );
}

/** The lasting virsh and the stream of events end with the daemon, and are opened again once it answers. */
async function restart(ctx: CaseContext, name: string, signal: AbortSignal): Promise<void> {
  const handle = hostOf(ctx, name);
  const { host, remote } = handle;
  const state = ctx.state.hosts.get(name);
  const change = await restartDaemon(remote.run);
  const fromMs = ctx.nowMs();
  try {
    await state?.stopEvents?.();
    const shell = state?.virsh;
    if (state !== undefined) delete state.virsh;
    await ctx.change(remote, [change]);
    await shell?.stop();
    await until(() => domainStates(remote.run, host.connectUri).catch(() => undefined), {
      ...{ everyMs: 100, timeoutMs: BACK_MS, signal },
      what: `libvirt on ${name} to answer again`,
    });
    await allDone([listen(ctx, handle, signal), openShell(ctx, handle, signal)]);
    ctx.state.eventPauses.push({ host: name, fromMs, toMs: ctx.nowMs() });
  } catch (error) {
    ctx.state.eventGaps.push(`${name}: no events since its libvirtd was ended: ${messageOf(error)}`);
    throw error;
  }
}
