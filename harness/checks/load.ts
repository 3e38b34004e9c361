import type { HostEvidence, LegEvidence, LoadEvidence, LoadSighting } from "../../lib/model/check.js";
import { loadsOf } from "../../lib/model/loads.js";
import { isOfTool, oomKills, ownLog } from "../../lib/model/oom-reports.js";
import type { Params } from "../../lib/model/params.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding } from "./findings.js";

/** Of the memory that a load is to hold, so much has to be seen: what is shared or just being written anew is missing. */
export const SHARE_HELD = 0.8;

/**
 * Every load ran from the first leg to the last, as the same process, used the CPU and held its memory. ERROR, not FAIL:
 * without its load the case did not do what it says, and that is no proof against the hypervisor. One that is to take more
 * memory than there is may be ended and started again, but only as often as the OOM killer says that it struck it.
 */
export const load: Check = ({ case: { params }, legs, load: loads, hosts }) => {
  const expected = expectedLoads(params);
  const findings = [
    ...(loads.length >= expected ? [] : [error(`${loads.length} of ${expected} loads were started`)]),
    ...loads.flatMap((one) => judge(one, legs, strikes(one, hosts))),
  ];
  return conclude("load", loads.length, findings, `${loads.length} loads ran throughout, each as one process`, {
    loads: loads.length,
    expected,
    ...memoryFigures(loads),
  });
};

function memoryFigures(loads: readonly LoadEvidence[]): Record<string, number> {
  const measured = loads.filter(({ memoryMiB }) => memoryMiB !== undefined);
  if (measured.length === 0) return {};
  const seen = measured.flatMap(({ sightings }) => sightings.map(({ residentMiB = 0 }) => residentMiB));
  const restarts = measured.reduce((sum, { sightings }) => sum + (sightings.at(-1)?.restarts ?? 0), 0);
  return {
    wantedMiB: Math.max(...measured.map(({ memoryMiB = 0 }) => memoryMiB)),
    mostHeldMiB: Math.max(0, ...seen),
    restarts,
  };
}

const expectedLoads = (params: Params): number =>
  loadsOf(params).reduce((sum, { on }) => sum + (on === "guests" ? params.guests.count : 1), 0);

function strikes({ place, tool, isShort }: LoadEvidence, hosts: readonly HostEvidence[]): number {
  const host = hosts.find((one) => one.host === place);
  if (host === undefined || !isShort) return 0;
  return oomKills(ownLog(host)).filter((kill) => isOfTool(kill, tool)).length;
}

function judge(one: LoadEvidence, legs: readonly LegEvidence[], struck: number): Finding[] {
  const { place, tool, sightings } = one;
  const name = `${tool} on ${place}`;
  const dead = sightings.findIndex(({ alive }) => !alive);
  if (dead >= 0) {
    const last = sightings[dead - 1];
    const since = last === undefined ? "was never seen running" : `was last seen ${last.when}`;
    return [error(`${name}: not running ${sightings[dead]?.when}, ${since}`)];
  }
  if (sightings.length < Math.max(2, legs.length))
    return [error(`${name}: looked at ${sightings.length} times in ${legs.length} legs`)];
  const unseen = unseenWhen(sightings, legs);
  if (unseen !== undefined) return [error(`${name}: nobody could look at it ${unseen}`)];
  return [...idle(name, sightings), ...unfilled(name, one, struck)];
}

/** Seen before and after, as the same process, it ran in between; one that was not looked at any more may have died. */
function unseenWhen(sightings: readonly LoadSighting[], legs: readonly LegEvidence[]): string | undefined {
  const [first, last] = [sightings[0]?.atMs ?? 0, sightings.at(-1)?.atMs ?? 0];
  if (legs[0] !== undefined && first > legs[0].startMs) return "before the first leg";
  return last < (legs.at(-1)?.endMs ?? 0) ? "after the last leg" : undefined;
}

/** What takes more than there is may be ended by the kernel before it holds it all; that it was says as much. */
function unfilled(name: string, { memoryMiB, sightings }: LoadEvidence, struck: number): Finding[] {
  if (memoryMiB === undefined) return [];
  const mostMiB = Math.max(...sightings.map(({ residentMiB = 0 }) => residentMiB));
  const restarts = sightings.at(-1)?.restarts ?? 0;
  if (restarts > struck) return [error(`${name}: was ended ${restarts} times, by the OOM killer ${struck} times`)];
  if (mostMiB >= memoryMiB * SHARE_HELD || restarts > 0) return [];
  return [error(`${name}: held ${mostMiB} MiB at most, ${memoryMiB} MiB were wanted`)];
}

/** CPU time of a load can only grow; standing still, it did nothing. */
function idle(name: string, sightings: readonly LoadSighting[]): Finding[] {
  const first = sightings[0]?.cpuS;
  const last = sightings.at(-1)?.cpuS;
  if (first === undefined || last === undefined) return [error(`${name}: its CPU time is not known`)];
  return last > first ? [] : [error(`${name}: used no CPU time (${first} s at first, ${last} s at last)`)];
}
