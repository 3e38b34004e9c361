import type { Case } from "../lib/model/case.js";
import { shuffled } from "./random.js";

/**
 * Few cases in which every pair of variants that occurs together in any case occurs together: greedy, always the case
 * that brings the most pairs not seen yet. Of equal ones the seed decides.
 */
export function pairwise(cases: readonly Case[], seed: number): Case[] {
  const candidates = shuffled(cases, seed).map((testCase) => ({ testCase, pairs: pairsOf(testCase) }));
  const missing = new Set(candidates.flatMap(({ pairs }) => pairs));
  const chosen: Case[] = [];
  while (missing.size > 0) {
    let best: { readonly testCase: Case; readonly pairs: readonly string[] } | undefined;
    let most = 0;
    for (const candidate of candidates) {
      if (candidate.pairs.length <= most) continue;
      const brings = candidate.pairs.reduce((count, pair) => count + (missing.has(pair) ? 1 : 0), 0);
      if (brings > most) [best, most] = [candidate, brings];
    }
    if (best === undefined) break;
    chosen.push(best.testCase);
    for (const pair of best.pairs) missing.delete(pair);
  }
  return chosen;
}

/** A single variant counts as a pair with itself, so that a scenario of one axis is covered too. */
export function pairsOf({ scenario, variants }: Case): string[] {
  const words = variants.length === 0 ? [""] : variants;
  return words.flatMap((a, index) => words.slice(index).map((b) => `${scenario}\0${a}\0${b}`));
}
