import { allDone } from "../../../lib/all-done.js";
import { CancelCase, HarnessError } from "../../../lib/errors.js";
import { memoryWithoutGuestsMiB } from "../../../lib/host/memory.js";
import { heldMiB, isFilled, isOut, type LoadSighting } from "../../../lib/model/load-evidence.js";
import { loadsOf, type PlannedLoad, workersOf } from "../../../lib/model/loads.js";
import { isOfTool, oomKills, ownLog } from "../../../lib/model/oom-reports.js";
import type { Step } from "../../../lib/model/plan.js";
import { until } from "../../../lib/poll.js";
import { startLoad as loadChange, sightLoad } from "../../../lib/stress/stress.js";
import type { Remote, Run } from "../../../lib/transport/transport.js";
import { afterLoadMs, beginMs } from "../../plan.js";
import { LEAST_LEFT_MIB, neededMemoryMiB, virtTypeOn } from "../../requirements.js";
import { keepBooting } from "../boots.js";
import { type CaseContext, type HostHandle, hostOf, type LoadState } from "../context.js";
import { installTools } from "../install-tools.js";
import { followKernelLogs, keepKernelLogs } from "../kernel-logs.js";
import { asPoll } from "../recorded.js";

/** Starts every stressor of the case and waits until it has its workers and their memory; then the guests that boot. */
export async function startLoad(
  ctx: CaseContext,
  { deadlineMs }: Pick<Step, "deadlineMs">,
  signal: AbortSignal,
): Promise<void> {
  const { case: testCase } = ctx.plan;
  const lastMs = ctx.nowMs() + deadlineMs - afterLoadMs(testCase.params);
  const wanted = loadsOf(testCase.params).flatMap((load) => placesFor(ctx, load).map((place) => ({ load, place })));
  await installTools(ctx, signal);
  const left = await memoryLeft(ctx, wanted);
  const leftFor = ({ load, place }: Wanted) => (load.hostMemory === undefined ? undefined : left.get(place.name));
  followKernelLogs(ctx);
  await allDone(wanted.map((one) => startOne(ctx, one, leftFor(one))));
  await allDone(ctx.state.load.map((load) => begun(ctx, load, lastMs, signal)));
  await keepKernelLogs(ctx);
  await keepBooting(ctx, signal);
}

interface Place {
  readonly name: string;
  readonly remote: Remote;
  /** Of a guest; absent: a host. */
  readonly image?: string;
}

interface Wanted {
  readonly load: PlannedLoad;
  readonly place: Place;
}

function placesFor(ctx: CaseContext, { on }: PlannedLoad): Place[] {
  if (on === "guests")
    return [...ctx.state.guests.values()].flatMap(({ planned, remote }) =>
      remote === undefined ? [] : [{ name: planned.name, remote, image: planned.image }],
    );
  const name = ctx.plan.hosts[on === "source" ? 0 : 1];
  return [{ name, remote: hostOf(ctx, name).remote }];
}

/** What the guests leave free on each host whose load is measured by it, MiB, before any load runs. */
async function memoryLeft(ctx: CaseContext, wanted: readonly Wanted[]): Promise<ReadonlyMap<string, number>> {
  const measured = wanted.filter(({ load }) => load.hostMemory !== undefined);
  const entries = await allDone(
    measured.map(async ({ load, place: { name, remote } }) => {
      const leftMiB = load.hostMemory === "short" ? await leftNow(remote) : await leftForGood(ctx, hostOf(ctx, name));
      if (leftMiB >= LEAST_LEFT_MIB) return [name, leftMiB] as const;
      throw new HarnessError("command-failed", `${name}: the guests leave ${leftMiB} MiB free, too little to stress`);
    }),
  );
  return new Map(entries);
}

/** To be short, a load has to reach what is there now: guests may be on the other host still, and may not have touched all. */
const leftNow = ({ run }: Remote): Promise<number> => memoryWithoutGuestsMiB(run, []);

/** Never to be short: all guests may be there at once, and each may come to use all that it was given. */
async function leftForGood({ plan, inventory }: CaseContext, { facts, remote }: HostHandle): Promise<number> {
  const names = [...plan.guests, ...plan.booters].map(({ name }) => name);
  const neededMiB = neededMemoryMiB(plan.case.params, virtTypeOn(facts, inventory));
  return (await memoryWithoutGuestsMiB(remote.run, names)) - neededMiB;
}

/** A little more than there is. */
const SHORTAGE = 1.05;

/** A guest goes away with all that runs in it; a host does not, so there the way back is written down first. */
async function startOne(ctx: CaseContext, { load, place }: Wanted, leftMiB?: number): Promise<void> {
  const { tool } = load;
  const { name, remote, image } = place;
  const isHost = image === undefined;
  const { args, promised } = sized(load, leftMiB);
  const keeping = promised.isShort ? "again" : "first";
  const change = loadChange(tool, args, ctx.jobKey, isHost ? keeping : "once");
  if (isHost) await ctx.change(remote, [change]);
  const started = change.read(await remote.run(isHost ? change.ask : { ...change.apply, what: change.what }));
  if ("reason" in started) {
    const orElse = isHost ? "" : `, or have it done: images.${image}.installTools in the inventory`;
    if (started.missing) throw new CancelCase(`${name} has no ${tool}: install the package ${tool} there${orElse}`);
    throw new HarnessError("command-failed", `${tool} on ${name}: ${started.reason}`);
  }
  const stop = isHost ? {} : { stop: change.undo };
  ctx.state.load.push({
    place: name,
    tool,
    remote,
    ...started,
    file: change.file,
    ...stop,
    ...promised,
    sightings: [],
  });
}

type Promised = Pick<LoadState, "workers" | "memoryMiB" | "leftMiB" | "isShort">;

/** The arguments of a load, and what they promise. */
function sized(load: PlannedLoad, leftMiB?: number): { readonly args: readonly string[]; readonly promised: Promised } {
  const isShort = load.hostMemory === "short";
  const measuredMiB = leftMiB === undefined ? undefined : Math.floor(isShort ? leftMiB * SHORTAGE : leftMiB / 2);
  const args = load.args(measuredMiB);
  const workers = workersOf(args);
  const memoryMiB = measuredMiB ?? load.memoryMiB;
  const promised = {
    ...(workers === undefined ? {} : { workers }),
    ...(memoryMiB === undefined ? {} : { memoryMiB }),
    ...(leftMiB === undefined ? {} : { leftMiB }),
    ...(isShort ? { isShort } : {}),
  };
  return { args, promised };
}

/** Most begin at once; memory of a large host takes minutes. */
const LOOK = { firstMs: 100, forMs: 10_000, thenMs: 1_000 };

/**
 * Waited for, not demanded: whether it has its workers and holds its memory, or makes a shortage, is for the check to say.
 * @param lastMs not any longer than that: the step would be given up, and no check speak
 */
async function begun(ctx: CaseContext, load: LoadState, lastMs: number, signal: AbortSignal): Promise<void> {
  const { workers = 0, memoryMiB = 0, place } = load;
  let mostMiB = 0;
  const isOver = async (): Promise<boolean> => {
    const seen = await look(ctx, load, "while it began", asPoll(load.remote.run));
    if (seen === undefined) return false;
    const isEnough = load.isShort
      ? isSpent(seen, memoryMiB, mostMiB) || isStruck(ctx, load)
      : isFilled(seen, memoryMiB);
    mostMiB = Math.max(mostMiB, heldMiB(seen));
    const isDone = !seen.alive || ((isEnough || (seen.restarts ?? 0) > 0) && (seen.workers ?? 0) >= workers);
    if (isDone) load.sightings.push(seen);
    return isDone;
  };
  const startMs = ctx.nowMs();
  const everyMs = (): number => (ctx.nowMs() - startMs < LOOK.forMs ? LOOK.firstMs : LOOK.thenMs);
  const timeoutMs = Math.min(beginMs(memoryMiB, ctx.plan.case.params), lastMs - ctx.nowMs());
  await until(isOver, { everyMs, timeoutMs, signal, what: `the load on ${place} to begin` }).catch(() => undefined);
  signal.throwIfAborted();
}

/** Less is held than a moment ago where a worker was struck that its tool starts again by itself. */
const isSpent = (seen: LoadSighting, memoryMiB: number, mostMiB: number): boolean =>
  isOut(seen, memoryMiB) || heldMiB(seen) >= memoryMiB || (mostMiB > 0 && heldMiB(seen) < mostMiB / 2);

/** The shortage that a strike proves is over a moment later: looks from time to time may miss it again and again. */
function isStruck({ state }: CaseContext, { place, tool }: LoadState): boolean {
  const { kernelLog, controlGroup } = state.hosts.get(place) ?? {};
  if (kernelLog === undefined) return false;
  const own = ownLog({ kernelLog, ...(controlGroup === undefined ? {} : { controlGroup }) });
  return oomKills(own).some((kill) => isOfTool(kill, tool));
}

/** Looks whether every stressor still runs, as the same process, and what CPU time and memory it has used. */
export async function sightAll(ctx: CaseContext, when: string): Promise<void> {
  await allDone(ctx.state.load.map((load) => sight(ctx, load, when)));
}

async function sight(ctx: CaseContext, load: LoadState, when: string): Promise<void> {
  const seen = await look(ctx, load, when, load.remote.run);
  if (seen !== undefined) load.sightings.push(seen);
}

/** A place that cannot be asked is a sighting that is missing, for the check to say so; the others still speak. */
async function look(
  { nowMs }: CaseContext,
  load: LoadState,
  when: string,
  run: Run,
): Promise<LoadSighting | undefined> {
  const [seen, freeMiB] = await Promise.all([
    sightLoad(run, load).catch(() => undefined),
    load.isShort ? memoryWithoutGuestsMiB(run, []).catch(() => undefined) : undefined,
  ]);
  return seen === undefined
    ? undefined
    : { atMs: nowMs(), when, ...seen, ...(freeMiB === undefined ? {} : { freeMiB }) };
}
