import { allDone } from "../../lib/all-done.js";
import { messageOf } from "../../lib/errors.js";
import { hostSnapshot } from "../../lib/host/snapshot.js";
import { guestGone } from "../../lib/libvirt/guest-change.js";
import type { Evidence } from "../../lib/model/check.js";
import type { StepTold } from "../../lib/model/event.js";
import type { DomainState, MigrationRecord } from "../../lib/model/migration.js";
import type { Step } from "../../lib/model/plan.js";
import type { Status } from "../../lib/model/status.js";
import { judge } from "../checks/index.js";
import { remains } from "../checks/residue.js";
import { collect, isOff } from "./collect.js";
import { type CaseContext, type HostHandle, hostOf } from "./context.js";
import { gathered } from "./gather.js";
import { closeAll, keeping, stopWatching } from "./keep.js";
import { keepKernelLogs } from "./kernel-logs.js";
import { endJobs, lookForLate } from "./late-guests.js";
import { dropCaptures, startProbes } from "./probes.js";
import type { World } from "./run-case.js";
import { evidenceAfter, evidenceBefore } from "./steps/evidence.js";
import { inspectHosts } from "./steps/inspect-hosts.js";
import { runLeg } from "./steps/leg.js";
import { prepareHosts } from "./steps/prepare-hosts.js";
import { startGuests } from "./steps/start-guests.js";
import { sightAll, startLoad } from "./steps/start-load.js";

export interface WorldEdges {
  /** Takes back what the case's journal lists. */
  readonly undoAll: () => Promise<readonly string[]>;
  /** Stores the evidence with the case. */
  readonly store: (evidence: Evidence) => Promise<void>;
  /** Stores what was collected from a host with the case. */
  readonly storeCollected: (host: string, text: string) => Promise<void>;
  /** Holds the machines of the job as they are, and says until when; absent: they are put back, whatever the verdict. */
  readonly hold?: () => Promise<string>;
}

/** The real world of one case: its steps do things to hosts and guests. */
export function caseWorld(ctx: CaseContext, edges: WorldEdges): World {
  let broken: Step["kind"] | undefined;
  let isCollected = false;
  const startMs = ctx.nowMs();
  const collectOnce = async (): Promise<void> => {
    if (!isCollected) await collect(ctx, startMs, edges.storeCollected);
    isCollected = true;
  };
  return {
    emit: ctx.emit,
    doStep: async (step, signal, told) => {
      ctx.progress({ caseId: ctx.plan.case.id, phase: step.name });
      broken = step.kind;
      await doStep(ctx, step, signal, (did) => {
        ctx.progress({ caseId: ctx.plan.case.id, phase: did.name });
        told(did);
      });
      broken = undefined;
    },
    restore: async () => {
      if (broken !== undefined || isOff(ctx)) await collectOnce();
      return restore(ctx, edges, broken);
    },
    leave: async (status) => {
      await dropCaptures(ctx, status);
      if (status === "FAIL" || status === "ERROR") await collectOnce();
      return leave(ctx, status);
    },
    evidence: async () => {
      const evidence = await gathered(ctx, true);
      await edges.store(evidence);
      return evidence;
    },
    judge,
    ...(edges.hold === undefined
      ? {}
      : {
          keeping: keeping(ctx, {
            gather: () => gathered(ctx, false),
            store: edges.store,
            collectOnce,
            hold: edges.hold,
          }),
        }),
  };
}

async function doStep(ctx: CaseContext, step: Step, signal: AbortSignal, told: (did: StepTold) => void): Promise<void> {
  switch (step.kind) {
    case "inspect-hosts":
      return inspectHosts(ctx, signal);
    case "prepare-hosts":
      return prepareHosts(ctx);
    case "start-guests":
      return startGuests(ctx, signal, told);
    case "start-load":
      return startLoad(ctx, step, signal);
    case "evidence-before":
      return evidenceBefore(ctx);
    case "start-probes":
      return startProbes(ctx, signal);
    case "leg":
      await runLeg(ctx, step, signal);
      await allDone([sightAll(ctx, `after leg ${step.number}`), keepKernelLogs(ctx)]);
      return;
    case "evidence-after":
      return evidenceAfter(ctx, signal);
  }
}

/** Guests that go are logged out of first: their connections would only break. */
async function restore(
  ctx: CaseContext,
  { undoAll }: WorldEdges,
  broken: Step["kind"] | undefined,
): Promise<readonly string[]> {
  await stopWatching(ctx);
  const settled = broken !== "leg" && ctx.state.migrations.every(isSettled);
  ctx.state.areGuestsLeft = ctx.plan.leavesGuests && broken === undefined && settled && (await endLoads(ctx));
  const leftovers = settled ? await undoAtOnce(ctx, undoAll) : await undoUnsettled(ctx, undoAll);
  await closeAll(ctx);
  return leftovers;
}

/** What the case changed and the guests do not need each other any more: logging out of a busy guest alone may take a second. */
async function undoAtOnce({ state, herd }: CaseContext, undoAll: WorldEdges["undoAll"]): Promise<readonly string[]> {
  const left = await Promise.all([undoAll(), state.areGuestsLeft ? [] : herd.dismiss()]);
  return left.flat();
}

/**
 * Guests that were left are taken away again where the case did not pass; the evidence was gathered before that, so the hosts
 * are looked at once more.
 */
async function leave(ctx: CaseContext, status: Status): Promise<readonly string[]> {
  const { areGuestsLeft } = ctx.state;
  if (status === "PASS" && areGuestsLeft) return [];
  const why = status === "PASS" ? "could not leave them as they were" : `came to ${status}`;
  const undone = await ctx.herd.dismiss(`${ctx.plan.case.id} ${why}`);
  if (!areGuestsLeft) return undone;
  const seen = await Promise.all([...ctx.hosts.values()].map((handle) => remainsOn(ctx, handle)));
  return [...undone, ...seen.flat()];
}

async function remainsOn({ plan, state }: CaseContext, { host, remote }: HostHandle): Promise<readonly string[]> {
  const before = state.hosts.get(host.name)?.before;
  if (before === undefined) return [`${host.name}: what the guests left nobody can say: it was not looked at before`];
  try {
    const after = await hostSnapshot(remote.run, host);
    return remains(host.name, before, after, new Set(plan.guests.map(({ name }) => name)));
  } catch (error) {
    return [`${host.name}: what the guests left nobody can say: ${messageOf(error)}`];
  }
}

/** What runs in guests that are left to the next case. @returns whether all of it has ended */
async function endLoads({ state }: CaseContext): Promise<boolean> {
  const ended = await Promise.all(
    state.load.map(async ({ remote, stop }) => {
      if (stop === undefined) return true;
      return remote.run(stop).then(
        ({ exitCode }) => exitCode === 0,
        () => false,
      );
    }),
  );
  return ended.every(Boolean);
}

/** Somebody said how it ended, and afterwards the guest was on one host at most. */
const isSettled = ({ outcome, after }: MigrationRecord): boolean =>
  outcome !== "unknown" && after !== undefined && (isGone(after.source) || isGone(after.target));

const isGone = (state: DomainState): boolean => state === "absent" || state === "shut off";

/**
 * A migration may still be under way: it is ended first, with what the case has running, and only then the guests go. Whoever
 * came through behind the undo is taken away too.
 */
async function undoUnsettled(ctx: CaseContext, undoOwn: WorldEdges["undoAll"]): Promise<readonly string[]> {
  const undoAll = async (): Promise<readonly string[]> => [...(await undoOwn()), ...(await ctx.herd.dismiss())];
  const guests = new Set(ctx.state.guests.keys());
  const hosts = [...ctx.hosts.values()].map(({ host, remote }) => ({ host, run: remote.run }));
  await endJobs(hosts, guests);
  const leftovers = await undoAll();
  const late = await lookForLate(hosts, guests, ({ host }, names) =>
    ctx.change(
      hostOf(ctx, host.name).remote,
      names.map((name) => guestGone(name, host.connectUri)),
    ),
  );
  return [...(late.isAny ? await undoAll() : leftovers), ...late.untold];
}
