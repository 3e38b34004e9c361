import type { LoadEvidence, LoadSighting } from "../../lib/model/check.js";
import type { Params } from "../../lib/model/params.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding } from "./findings.js";

/**
 * Every load ran from the first leg to the last, as the same process, and used the CPU. ERROR, not FAIL: without its load
 * the case did not do what it says, and that is no proof against the hypervisor.
 */
export const load: Check = ({ case: { params }, legs, load: loads }) => {
  const expected = expectedLoads(params);
  const findings = [
    ...(loads.length >= expected ? [] : [error(`${loads.length} of ${expected} loads were started`)]),
    ...loads.flatMap((one) => judge(one, legs.length)),
  ];
  return conclude("load", loads.length, findings, `${loads.length} loads ran throughout, each as one process`, {
    loads: loads.length,
    expected,
  });
};

const expectedLoads = ({ load: loads, guests }: Params): number =>
  loads.reduce((sum, { on }) => sum + (on === "guests" ? guests.count : 1), 0);

function judge({ place, tool, sightings }: LoadEvidence, legs: number): Finding[] {
  const name = `${tool} on ${place}`;
  const dead = sightings.findIndex(({ alive }) => !alive);
  if (dead >= 0) {
    const last = sightings[dead - 1];
    const since = last === undefined ? "was never seen running" : `was last seen ${last.when}`;
    return [error(`${name}: not running ${sightings[dead]?.when}, ${since}`)];
  }
  if (sightings.length < Math.max(2, legs))
    return [error(`${name}: looked at ${sightings.length} times in ${legs} legs`)];
  return idle(name, sightings);
}

/** CPU time of a load can only grow; standing still, it did nothing. */
function idle(name: string, sightings: readonly LoadSighting[]): Finding[] {
  const first = sightings[0]?.cpuS;
  const last = sightings.at(-1)?.cpuS;
  if (first === undefined || last === undefined) return [error(`${name}: its CPU time is not known`)];
  return last > first ? [] : [error(`${name}: used no CPU time (${first} s at first, ${last} s at last)`)];
}
