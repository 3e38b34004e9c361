import { HarnessError, messageOf } from "../../lib/errors.js";
import { readWhole } from "../../lib/guest/kernel-mark.js";
import { joined } from "../../lib/host/kernel-log.js";
import { ask, virsh } from "../../lib/libvirt/virsh.js";
import type { Boot } from "../../lib/model/check.js";
import type { Move, PlannedGuest } from "../../lib/model/plan.js";
import { until } from "../../lib/poll.js";
import type { Remote } from "../../lib/transport/transport.js";
import { type BootState, type CaseContext, type GuestState, hostOf, type LoggedIn } from "./context.js";
import { firstPing } from "./first-ping.js";
import { addressOf, logIn } from "./log-in.js";
import { whileReached } from "./while-reached.js";

const POLL_MS = 50;

/**
 * Resets every guest that only boots, and again each time that its login can be reached, until `state.stopBoots` is
 * called; resolves as soon as all are on their way up, since no migration may leave before. What goes wrong is kept for the
 * checks: it is not the migrating guests' fault.
 */
export async function keepBooting(ctx: CaseContext, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const resets = ctx.plan.booters.map(async (planned) => {
    const state = bootState(ctx, planned, false);
    const lost = (error: unknown): undefined => {
      if (!stop.signal.aborted) state.lost = messageOf(error);
      return undefined;
    };
    const first = await met(ctx, planned, state, AbortSignal.any([signal, stop.signal]))
      .then(() => reset(ctx, planned.host, planned, state))
      .catch(lost);
    return { loop: first === undefined ? undefined : bootOn(ctx, planned, state, first, stop.signal).catch(lost) };
  });
  ctx.state.stopBoots.push(async () => {
    stop.abort(new Error("the boots are not watched any more"));
    for (const { loop } of await Promise.all(resets)) await loop;
  });
  await Promise.all(resets);
  signal.throwIfAborted();
}

/**
 * A guest is met once before its first reset. Where addresses are discovered, nobody has one to try in vain until it is up, and nothing
 * would show that it was booting; and one that was reset in its firmware, a moment after its start, hung in one of some hundred
 * cases (QEMU 10.0.2, emulated).
 */
async function met(ctx: CaseContext, planned: PlannedGuest, state: BootState, signal: AbortSignal): Promise<void> {
  const { address, remote } = await logIn(ctx, planned, signal);
  state.address = address;
  await leave(remote);
}

async function bootOn(
  ctx: CaseContext,
  planned: PlannedGuest,
  state: BootState,
  first: OpenBoot,
  signal: AbortSignal,
): Promise<void> {
  for (let boot = first; ; boot = await reset(ctx, planned.host, planned, state)) {
    const { remote } = await comeUp(ctx, planned, boot, signal);
    boot.loginMs = ctx.nowMs();
    await leave(remote);
    if (signal.aborted) return;
  }
}

/** When a guest began to answer is known to two tenths of a second, and a short migration takes half of one. */
const LAST_MS = 1_000;

/**
 * Waits while a guest that keeps booting is up, or about to be by the time that its last boot took, for it to be reset again: half a
 * second, in which a short migration would pass beside it. One that is not reset in time is left to the checks.
 */
export async function allBooting({ plan, state, nowMs }: CaseContext, signal: AbortSignal): Promise<void> {
  const booters = [...state.boots.values()].filter(({ isMigrating }) => !isMigrating);
  const isOnItsWay = ({ isUp = false, boots }: BootState): boolean => {
    const { startMs = 0, unreachableUntilMs = Number.POSITIVE_INFINITY } =
      boots.findLast(({ loginMs }) => loginMs !== undefined) ?? {};
    const wholeMs = unreachableUntilMs - startMs;
    const leftMs = wholeMs - (nowMs() - (boots.at(-1)?.startMs ?? 0));
    return !isUp && leftMs > Math.min(LAST_MS, wholeMs / 2);
  };
  await until(async () => booters.every((one) => one.lost !== undefined || isOnItsWay(one)), {
    everyMs: 10,
    timeoutMs: plan.case.params.limits.boot,
    signal,
    what: "the guests that keep booting to be reset",
  }).catch(() => undefined);
}

/** Each guest that only boots comes up from the boot that it is in: without that, nothing shows that it did not simply hang. */
export async function seenUp(ctx: CaseContext, signal: AbortSignal): Promise<void> {
  const waiting = [...ctx.state.boots.values()]
    .filter(({ isMigrating }) => !isMigrating)
    .map((state) => ({ state, boot: state.boots.at(-1) }));
  const isUp = ({ state: { lost }, boot }: (typeof waiting)[number]): boolean =>
    lost !== undefined || boot?.loginMs !== undefined;
  await until(async () => waiting.every(isUp), {
    everyMs: POLL_MS,
    timeoutMs: ctx.plan.case.params.limits.boot,
    signal,
    what: "the guests that keep booting to come up once more",
  });
}

/** The guests of a leg, on their way up. */
export interface Booting {
  /** Waits until each can be logged in to, wherever it is by then; their kernels' words are kept. */
  readonly up: () => Promise<void>;
}

/**
 * Resets every guest of a leg at once, so that it boots while it migrates; its earlier login is over with that. One that
 * cannot be reset is left to the checks, like one that does not come up: the others still speak.
 */
export async function bootForLeg(ctx: CaseContext, moves: readonly Move[], signal: AbortSignal): Promise<Booting> {
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const ups = await Promise.all(
    moves.map(async ({ guest: name, from }) => {
      const guest = ctx.state.guests.get(name);
      if (guest === undefined) throw new Error(`the plan has no guest ${name}`);
      if (guest.remote !== undefined) await leave(guest.remote);
      const state = bootState(ctx, guest.planned, true);
      const boot = await reset(ctx, from, guest.planned, state).catch((error: unknown) => {
        state.lost ??= messageOf(error);
      });
      if (boot === undefined) return [];
      const coming = comeUp(ctx, guest.planned, boot, until).then((up) => {
        boot.loginMs = ctx.nowMs();
        return up;
      });
      // Whoever waits for it is told of a failure; until then it must not be nobody's.
      coming.catch((error: unknown) => {
        if (error instanceof HarnessError && error.code === "deadline") boot.waitedMs = ctx.nowMs() - boot.startMs;
      });
      return [{ guest, state, coming }];
    }),
  ).then((all) => all.flat());
  ctx.state.stopBoots.push(async () => {
    stop.abort(new Error("the boots are not watched any more"));
    await Promise.allSettled(ups.map(({ coming }) => coming));
  });
  return { up: async () => void (await Promise.all(ups.map((up) => cameUp(up)))) };
}

interface Up {
  readonly guest: GuestState;
  readonly state: BootState;
  readonly coming: Promise<LoggedIn>;
}

async function cameUp({ guest, state, coming }: Up): Promise<void> {
  try {
    const { remote, address } = await coming;
    guest.remote = remote;
    guest.address = address;
    guest.earlierLog = guest.kernelLog;
    await readBoot(guest);
  } catch (error) {
    state.lost ??= messageOf(error);
  }
}

/** Reads once more what the kernel of a migrating guest has said since its last boot, if anybody could log in to it. */
export async function readLastBoot({ state }: CaseContext, guest: GuestState): Promise<void> {
  const boots = state.boots.get(guest.planned.name);
  if (boots?.boots.at(-1)?.loginMs !== undefined) await readBoot(guest);
}

/** What the kernel has said since the boot that a guest is in, behind what it said in those before. */
async function readBoot(guest: GuestState): Promise<void> {
  if (guest.remote !== undefined) guest.kernelLog = joined(guest.earlierLog, await readWhole(guest.remote.run));
}

function bootState({ state }: CaseContext, planned: PlannedGuest, isMigrating: boolean): BootState {
  const known: BootState = state.boots.get(planned.name) ?? { planned, isMigrating, boots: [] };
  state.boots.set(planned.name, known);
  return known;
}

const SYNC_MS = 10_000;

/**
 * Before a reset: it is that of a power cut, and a guest that has just booted for the first time has its own keys of ssh, which it
 * made then, in memory only. What cannot be written is the guest's affair.
 */
async function leave(remote: Remote): Promise<void> {
  await remote.run({ file: "sync", args: [], timeoutMs: SYNC_MS }).catch(() => undefined);
  await remote.close();
}

type OpenBoot = { -readonly [K in keyof Boot]: Boot[K] };

/** The boot counts from the answer on: then the guest has begun without doubt. */
async function reset(ctx: CaseContext, on: string, { name }: PlannedGuest, state: BootState): Promise<OpenBoot> {
  const { host, remote } = hostOf(ctx, on);
  await ask(remote.run, { ...virsh(host.connectUri, "reset", "--domain", name), what: `reset ${name}` });
  const startMs = ctx.nowMs();
  const boot: OpenBoot = { startMs, unreachableUntilMs: startMs };
  state.isUp = false;
  state.boots.push(boot);
  return boot;
}

/**
 * Waits for the login, and keeps until when it could not be reached. A connection that is tried before the network is up is tried
 * again by the kernel after one, two and four seconds, and would tell the moment too late; so the first ping is waited for.
 */
async function comeUp(ctx: CaseContext, planned: PlannedGuest, boot: OpenBoot, signal: AbortSignal): Promise<LoggedIn> {
  const inVain = (atMs: number): void => {
    boot.unreachableUntilMs = Math.max(atMs, boot.unreachableUntilMs ?? boot.startMs);
  };
  return whileReached(ctx.observer, async () => {
    const address = await addressOf(ctx, planned);
    if (address !== undefined) inVain((await firstPing(ctx, address, signal)) ?? boot.startMs);
    const state = ctx.state.boots.get(planned.name);
    if (state !== undefined) state.isUp = true;
    return logIn(ctx, planned, signal, inVain);
  });
}
