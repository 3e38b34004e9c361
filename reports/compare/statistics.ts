import { upperTail } from "../../lib/model/normal.js";

/** What a test of two sets of numbers says. */
export interface Tested {
  /** Probability of a difference at least as clear by chance, either way. */
  readonly chance: number;
  /** −1 to 1: how much more often the newer one is larger than smaller (Cliff's delta, rank-biserial correlation). */
  readonly effect: number;
}

/** A test that could never come out below this whatever the numbers are is not made: there are too few of them. */
export const CHANCE = 0.05;

/** Sets up to this size are counted out exactly; beyond it the normal approximation is good. */
const EXACT = 30;

/** Whether two sets are large enough that any outcome could tell. */
export const canTellApart = (before: number, after: number): boolean =>
  before > 0 && after > 0 && 2 / choose(before + after, before) <= CHANCE;

/** The same of so many pairs. */
export const canTellPairs = (pairs: number): boolean => 2 ** (1 - pairs) <= CHANCE;

function choose(total: number, chosen: number): number {
  let ways = 1;
  for (let index = 1; index <= chosen; index += 1) ways *= (total - chosen + index) / index;
  return ways;
}

/** Whether two independent sets lie apart: the rank-sum test of Mann and Whitney, exact for small sets, ties included. */
export function rankSumTest(before: readonly number[], after: readonly number[]): Tested {
  const ranks = doubledRanks([...before, ...after]);
  const total = ranks.length;
  const own = sum(ranks.slice(before.length));
  const mean = after.length * (total + 1);
  const away = own - mean;
  const effect = away / (before.length * after.length);
  if (total <= EXACT) return { effect, chance: shareBeyond(rankSums(ranks, after.length), mean, away) };
  const spread = sum(ranks.map((rank) => (rank - total - 1) ** 2));
  const variance = (before.length * after.length * spread) / (total * (total - 1));
  return { effect, chance: byNormal(away, variance) };
}

/** Whether paired numbers lie to one side: the signed-rank test of Wilcoxon on their differences; a zero says nothing. */
export function signedRankTest(differences: readonly number[]): Tested {
  const moved = differences.filter((difference) => difference !== 0);
  if (moved.length === 0) return { effect: 0, chance: 1 };
  const ranks = doubledRanks(moved.map(Math.abs));
  const rising = sum(ranks.filter((_, index) => (moved[index] ?? 0) > 0));
  const all = sum(ranks);
  const away = rising - all / 2;
  const effect = (2 * away) / all;
  if (moved.length <= EXACT) return { effect, chance: shareBeyond(subsetSums(ranks), all / 2, away) };
  return { effect, chance: byNormal(away, sum(ranks.map((rank) => rank ** 2)) / 4) };
}

/**
 * Benjamini and Hochberg: which of many tests may be believed, so that of those no more than `share` are by chance, as
 * expected.
 */
export function believed(chances: readonly number[], share = CHANCE): boolean[] {
  const inOrder = [...chances].sort((a, b) => a - b);
  const last = inOrder.findLastIndex((chance, index) => chance <= ((index + 1) / inOrder.length) * share);
  const limit = last < 0 ? -1 : (inOrder[last] ?? -1);
  return chances.map((chance) => chance <= limit);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Ranks from 1; equal values share the middle of theirs. Doubled, so that they are whole. */
function doubledRanks(values: readonly number[]): number[] {
  const inOrder = [...values].sort((a, b) => a - b);
  const places = new Map<number, { readonly first: number; last: number }>();
  for (const [index, value] of inOrder.entries()) {
    const place = places.get(value) ?? { first: index + 1, last: index + 1 };
    place.last = index + 1;
    places.set(value, place);
  }
  return values.map((value) => {
    const { first, last } = places.get(value) ?? { first: 0, last: 0 };
    return first + last;
  });
}

/** In how many ways `size` of the ranks add up to each sum. */
function rankSums(ranks: readonly number[], size: number): number[] {
  const ways = Array.from({ length: size + 1 }, () => new Array<number>(sum(ranks) + 1).fill(0));
  (ways[0] as number[])[0] = 1;
  for (const rank of ranks)
    for (let chosen = size; chosen >= 1; chosen -= 1) addShifted(ways[chosen] ?? [], ways[chosen - 1] ?? [], rank);
  return ways[size] ?? [];
}

/** The same for any number of the ranks. */
function subsetSums(ranks: readonly number[]): number[] {
  const ways = new Array<number>(sum(ranks) + 1).fill(0);
  ways[0] = 1;
  for (const rank of ranks) addShifted(ways, ways, rank);
  return ways;
}

/** From above downwards, so that a list may be added to itself. */
function addShifted(to: number[], from: readonly number[], by: number): void {
  for (let at = to.length - 1; at >= by; at -= 1) to[at] = (to[at] ?? 0) + (from[at - by] ?? 0);
}

function shareBeyond(ways: readonly number[], mean: number, away: number): number {
  const least = Math.abs(away) - 1e-9;
  const beyond = ways.reduce((count, way, at) => count + (Math.abs(at - mean) >= least ? way : 0), 0);
  return Math.min(1, beyond / sum(ways));
}

/** Ranks are doubled, so that the correction for continuity is 1. */
const byNormal = (away: number, variance: number): number =>
  variance > 0 ? Math.min(1, 2 * upperTail(Math.max(0, Math.abs(away) - 1) / Math.sqrt(variance))) : 1;
