import type { LegEvidence } from "../../lib/model/check.js";
import { heldMiB, isFilled, isOut, type LoadEvidence, type LoadSighting } from "../../lib/model/load-evidence.js";
import { error, type Finding } from "./findings.js";

/**
 * Whether a load held its memory from the first leg on, or made the shortage that it was to make.
 * @param struck how often the OOM killer struck it on its host; a tool may start its own worker again, and tell nobody
 */
export function memoryFindings(
  name: string,
  one: LoadEvidence,
  legs: readonly LegEvidence[],
  struck: number,
): readonly Finding[] {
  const { memoryMiB, isShort, sightings } = one;
  if (memoryMiB === undefined) return [];
  const restarts = sightings.at(-1)?.restarts ?? 0;
  if (restarts > struck) return [error(`${name}: was ended ${restarts} times, by the OOM killer ${struck} times`)];
  // What takes more than there is may be ended by the kernel before it holds it all; that it was says as much.
  if (struck > 0) return [];
  const findings = unfilled(name, memoryMiB, fromFirstLeg(sightings, legs));
  return findings.length === 0 && isShort ? neverShort(name, one, memoryMiB) : findings;
}

/** From the last time that it was looked at before the first leg: how long it took to fill is nobody's business. */
function fromFirstLeg(sightings: readonly LoadSighting[], [leg]: readonly LegEvidence[]): readonly LoadSighting[] {
  const last = leg === undefined ? -1 : sightings.findLastIndex(({ atMs }) => atMs <= leg.startMs);
  return sightings.slice(last);
}

function unfilled(name: string, memoryMiB: number, sightings: readonly LoadSighting[]): Finding[] {
  const seen = sightings.find((one) => !isFilled(one, memoryMiB));
  return seen === undefined
    ? []
    : [error(`${name}: held ${heldMiB(seen)} MiB ${seen.when}, ${memoryMiB} MiB were wanted`)];
}

/** What a host had left is told since it is looked at; a result from before says only what was held. */
function neverShort(name: string, { leftMiB, sightings }: LoadEvidence, memoryMiB: number): Finding[] {
  const freeMiB = sightings.flatMap((one) => one.freeMiB ?? []);
  if (freeMiB.length === 0 || sightings.some((one) => isOut(one, memoryMiB))) return [];
  const held = `held ${Math.max(...sightings.map(heldMiB))} MiB`;
  const left = `${leftMiB} MiB were left at first and ${Math.min(...freeMiB)} MiB at least, nobody was struck`;
  return [error(`${name}: memory was never short: ${held}, ${left}`)];
}
