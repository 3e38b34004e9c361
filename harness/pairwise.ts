import type { Case } from "../lib/model/case.js";
import { shuffled } from "./random.js";

interface Candidate {
  readonly testCase: Case;
  /** Numbers of its pairs. */
  readonly pairs: readonly number[];
}

/**
 * Few cases in which every pair of variants that occurs together in any case occurs together: greedy, always the case
 * that brings the most pairs not seen yet. Of equal ones the seed decides. Pure.
 */
export function pairwise(cases: readonly Case[], seed: number): Case[] {
  const numbers = new Map<string, number>();
  const shared = sharedNames(cases);
  const candidates = shuffled(cases, seed).map(
    (testCase): Candidate => ({ testCase, pairs: pairsOf(testCase, shared).map((pair) => numberOf(pair, numbers)) }),
  );
  const covered = new Uint8Array(numbers.size);
  let missing = numbers.size;
  const chosen: Case[] = [];
  while (missing > 0) {
    const best = mostNew(candidates, covered);
    if (best === undefined) break;
    chosen.push(best.testCase);
    for (const pair of best.pairs) {
      missing -= covered[pair] === 0 ? 1 : 0;
      covered[pair] = 1;
    }
  }
  return chosen;
}

function mostNew(candidates: readonly Candidate[], covered: Uint8Array): Candidate | undefined {
  let best: Candidate | undefined;
  let most = 0;
  for (const candidate of candidates) {
    if (candidate.pairs.length <= most) continue;
    let brings = 0;
    for (const pair of candidate.pairs) brings += covered[pair] === 0 ? 1 : 0;
    if (brings > most) [best, most] = [candidate, brings];
  }
  return best;
}

/** Names that a case has twice, in two axes: `on` of one is not `on` of another. */
const sharedNames = (cases: readonly Case[]): ReadonlySet<string> =>
  new Set(cases.flatMap(({ variants }) => variants.filter((name, index) => variants.indexOf(name) < index)));

/**
 * A single variant counts as a pair with itself, so that a scenario of one axis, or of none, is covered too.
 * @param shared names that stand for variants of several axes: each is told from the others by its place
 */
export function pairsOf({ scenario, variants }: Case, shared: ReadonlySet<string> = new Set()): string[] {
  const words =
    variants.length === 0 ? [""] : variants.map((name, index) => (shared.has(name) ? `${index}.${name}` : name));
  return words.flatMap((a, index) => words.slice(index).map((b) => JSON.stringify([scenario, a, b])));
}

function numberOf(pair: string, numbers: Map<string, number>): number {
  const number = numbers.get(pair) ?? numbers.size;
  numbers.set(pair, number);
  return number;
}
