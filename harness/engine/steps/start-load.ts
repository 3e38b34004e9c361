import { allDone } from "../../../lib/all-done.js";
import { HarnessError } from "../../../lib/errors.js";
import type { Load } from "../../../lib/model/params.js";
import { startLoad as loadChange, sightLoad } from "../../../lib/stress/stress.js";
import type { Remote } from "../../../lib/transport/transport.js";
import { type CaseContext, hostOf, type LoadState } from "../context.js";

/** Starts every stressor of the case. */
export async function startLoad(ctx: CaseContext): Promise<void> {
  const wanted = ctx.plan.case.params.load.flatMap((load) => placesFor(ctx, load).map((place) => ({ load, place })));
  await allDone(wanted.map(({ load, place }) => startOne(ctx, load, place)));
}

interface Place {
  readonly name: string;
  readonly remote: Remote;
  readonly isHost: boolean;
}

function placesFor(ctx: CaseContext, { on }: Load): Place[] {
  if (on === "guests")
    return [...ctx.state.guests.values()].flatMap(({ planned, remote }) =>
      remote === undefined ? [] : [{ name: planned.name, remote, isHost: false }],
    );
  const name = ctx.plan.hosts[on === "source" ? 0 : 1];
  return [{ name, remote: hostOf(ctx, name).remote, isHost: true }];
}

/** A guest goes away with all that runs in it; a host does not, so there the way back is written down first. */
async function startOne(ctx: CaseContext, { tool, args }: Load, { name, remote, isHost }: Place): Promise<void> {
  const change = loadChange(tool, args, ctx.jobKey);
  if (isHost) await ctx.change(remote, [change]);
  const started = change.read(await remote.run(isHost ? change.ask : change.apply));
  if ("reason" in started) throw new HarnessError("command-failed", `${tool} on ${name}: ${started.reason}`);
  ctx.state.load.push({ place: name, tool, remote, ...started, sightings: [] });
}

/** Looks whether every stressor still runs, as the same process, and what CPU time it has used. */
export async function sightAll(ctx: CaseContext, when: string): Promise<void> {
  await allDone(ctx.state.load.map((load) => sight(ctx, load, when)));
}

/** A place that cannot be asked is a sighting that is missing, for the check to say so; the others still speak. */
async function sight(
  { nowMs }: CaseContext,
  { remote, pid, startTicks, sightings }: LoadState,
  when: string,
): Promise<void> {
  const seen = await sightLoad(remote.run, { pid, startTicks }).catch(() => undefined);
  if (seen !== undefined) sightings.push({ atMs: nowMs(), when, ...seen });
}
