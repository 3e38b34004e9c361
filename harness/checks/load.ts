import type { HostEvidence, LegEvidence } from "../../lib/model/check.js";
import { heldMiB, isOut, type LoadEvidence, type LoadSighting } from "../../lib/model/load-evidence.js";
import { loadsOf } from "../../lib/model/loads.js";
import { isOfTool, type OomKill, oomKills, ownLog } from "../../lib/model/oom-reports.js";
import type { Params } from "../../lib/model/params.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding } from "./findings.js";
import { memoryFindings } from "./load-memory.js";

/**
 * Every load ran from the first leg to the last, as the same process with all its workers, used the CPU across each leg and
 * held its memory, or ran into the shortage that it was to make. ERROR, not FAIL: without its load the case did not do what it
 * says, and that is no proof against the hypervisor. One that is to take more memory than there is may be ended and started
 * again, but only as often as the OOM killer says that it struck it, and it was at work or struck in each leg all the same.
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
  const seen = measured.flatMap(({ sightings }) => sightings.map(heldMiB));
  const restarts = measured.reduce((sum, { sightings }) => sum + (sightings.at(-1)?.restarts ?? 0), 0);
  return {
    wantedMiB: Math.max(...measured.map(({ memoryMiB = 0 }) => memoryMiB)),
    mostHeldMiB: Math.max(0, ...seen),
    restarts,
  };
}

const expectedLoads = (params: Params): number =>
  loadsOf(params).reduce((sum, { on }) => sum + (on === "guests" ? params.guests.count : 1), 0);

function strikes({ place, tool, isShort }: LoadEvidence, hosts: readonly HostEvidence[]): readonly OomKill[] {
  const host = hosts.find((one) => one.host === place);
  if (host === undefined || !isShort) return [];
  return oomKills(ownLog(host)).filter((kill) => isOfTool(kill, tool));
}

function judge(one: LoadEvidence, legs: readonly LegEvidence[], struck: readonly OomKill[]): Finding[] {
  const { place, tool, sightings } = one;
  const name = `${tool} on ${place}`;
  const dead = sightings.findIndex(({ alive }) => !alive);
  if (dead >= 0) {
    const last = sightings[dead - 1];
    const since = last === undefined ? "was never seen running" : `was last seen ${last.when}`;
    return [error(`${name}: not running ${sightings[dead]?.when}, ${since}`)];
  }
  if (sightings.length < 2) return [error(`${name}: looked at ${sightings.length} times`)];
  const unseen = unseenWhen(sightings, legs);
  if (unseen !== undefined) return [error(`${name}: nobody could look at it ${unseen}`)];
  return [
    ...stopped(name, one),
    ...(struck.length > 0 || wasEnded(one)
      ? offAcross(name, one, legs, struck)
      : [...fewer(name, one), ...idleAcross(name, one, legs)]),
    ...idle(name, sightings),
    ...memoryFindings(name, one, legs, struck.length),
  ];
}

const wasEnded = ({ sightings }: LoadEvidence): boolean => sightings.some(({ restarts = 0 }) => restarts > 0);

/** The same process at both ends of a leg ran through it; whether it also did something is asked of each leg. */
function unseenWhen(sightings: readonly LoadSighting[], legs: readonly LegEvidence[]): string | undefined {
  const isSeen = (fromMs: number, toMs: number): boolean =>
    sightings.some(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const gap = legs.findIndex(
    ({ startMs }, index) => !isSeen(legs[index - 1]?.endMs ?? Number.NEGATIVE_INFINITY, startMs),
  );
  if (gap >= 0) return gap === 0 ? "before the first leg" : `between leg ${gap} and leg ${gap + 1}`;
  return isSeen(legs.at(-1)?.endMs ?? Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
    ? undefined
    : "after the last leg";
}

/** Of arguments that promise no number of workers only this is known: where none is left that runs, nothing is loaded. */
function stopped(name: string, { workers: wanted, sightings }: LoadEvidence): Finding[] {
  const seen = sightings.find((one) => (one.stopped ?? 0) > 0 && (wanted !== undefined || one.workers === 0));
  return seen === undefined ? [] : [error(`${name}: ${seen.stopped} of its processes were stopped ${seen.when}`)];
}

/** stress-ng goes on without a worker that was killed. */
function fewer(name: string, { workers: wanted, sightings }: LoadEvidence): Finding[] {
  const seen = sightings.find(({ workers }) => wanted !== undefined && workers !== undefined && workers < wanted);
  return seen === undefined ? [] : [error(`${name}: ${seen.workers} of ${wanted} workers ran ${seen.when}`)];
}

/** What is less far apart says nothing: the clock of CPU time goes by hundredths, and a guest stands still for a moment. */
const LEAST_APART_MS = 1000;
/** A load that was struck is off for a second. */
const STRUCK_APART_MS = 2000;
/** CPU that a shell takes at most while it waits to start the tool again. */
const SHARE_OF_SHELL = 0.01;

/** The looks before and after each leg; one that is too short is taken together with the next, the last with what follows it. */
function acrossLegs(
  sightings: readonly LoadSighting[],
  legs: readonly LegEvidence[],
  leastMs: number,
): (readonly [from: LoadSighting, to: LoadSighting])[] {
  let from: LoadSighting | undefined;
  return legs.flatMap(({ startMs, endMs }, index) => {
    from ??= sightings.findLast(({ atMs }) => atMs <= startMs);
    const behind = sightings.filter(({ atMs }) => atMs >= endMs);
    const ends = index === legs.length - 1 ? behind : behind.slice(0, 1);
    const to = ends.find(({ atMs }) => atMs - (from?.atMs ?? Number.POSITIVE_INFINITY) >= leastMs);
    if (from === undefined || to === undefined) return [];
    const span = [from, to] as const;
    from = undefined;
    return [span];
  });
}

/** Workers that never pause use CPU time from before a leg to after it. */
function idleAcross(name: string, { workers, sightings }: LoadEvidence, legs: readonly LegEvidence[]): Finding[] {
  if (workers === undefined) return [];
  const idle = acrossLegs(sightings, legs, LEAST_APART_MS).find(
    ([{ cpuS: before }, { cpuS: after }]) => before !== undefined && after !== undefined && after <= before,
  );
  if (idle === undefined) return [];
  const [from, to] = idle;
  return [error(`${name}: used no CPU time between ${from.when} and ${to.when} (${to.cpuS} s at both)`)];
}

/** One that was struck may have no workers at a look; in each leg it has worked, was struck, or found nothing left to take. */
function offAcross(
  name: string,
  { sightings, memoryMiB = 0 }: LoadEvidence,
  legs: readonly LegEvidence[],
  struck: readonly OomKill[],
): Finding[] {
  const off = acrossLegs(sightings, legs, STRUCK_APART_MS).find(([from, to]) => {
    const ranS = (to.cpuS ?? 0) - (from.cpuS ?? 0);
    const didWork = ranS > ((to.atMs - from.atMs) / 1000) * SHARE_OF_SHELL;
    const wasStruck = struck.some(({ line: { atMs = from.atMs } }) => atMs >= from.atMs && atMs <= to.atMs);
    return !didWork && !wasStruck && !isOut(from, memoryMiB) && !isOut(to, memoryMiB);
  });
  return off === undefined
    ? []
    : [error(`${name}: was off from ${off[0].when} to ${off[1].when}, and nobody struck it`)];
}

/** CPU time of a load can only grow; standing still, it did nothing. */
function idle(name: string, sightings: readonly LoadSighting[]): Finding[] {
  const first = sightings[0]?.cpuS;
  const last = sightings.at(-1)?.cpuS;
  if (first === undefined || last === undefined) return [error(`${name}: its CPU time is not known`)];
  return last > first ? [] : [error(`${name}: used no CPU time (${first} s at first, ${last} s at last)`)];
}
