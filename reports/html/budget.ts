import type { CaseResult } from "../../lib/model/result.js";
import { wentWrong } from "../summary.js";

/** How much of one case the page shows; the rest is in results.json. */
export interface Share {
  readonly commandBytes: number;
  readonly migrations: number;
  readonly checks: number;
  /** One of very many: what the page tells twice is told once, and checks that passed without a number by name only. */
  readonly isTerse: boolean;
  /** One of many: what its own page tells in full is left to that, where there is one. */
  readonly isOneOfMany: boolean;
}

/** For all cases together: a page of a thousand cases is to stay below 5 MB. */
const COMMAND_BYTES = 650_000;
const MIGRATIONS = 6_000;
const CHECKS = 16_000;
/** A case that went wrong is read; one that passed is looked up. */
const WEIGHT_OF_WRONG = 6;

const TERSE_BELOW = 1 / 400;
const MANY = 100;

const MOST = { commandBytes: 200_000, migrations: 500, checks: 200 };
const LEAST = { commandBytes: 600, migrations: 4, checks: 10 };

/** For a page that has one case only. */
export const WHOLE: Share = { ...MOST, isTerse: false, isOneOfMany: false };

/** Shares the page out among the cases of a job. */
export function shares(cases: readonly CaseResult[]): (result: CaseResult) => Share {
  const weightOf = (result: CaseResult): number => (wentWrong(result) ? WEIGHT_OF_WRONG : 1);
  const whole = cases.reduce((sum, result) => sum + weightOf(result), 0);
  return (result) => {
    const part = weightOf(result) / whole;
    return {
      commandBytes: within(COMMAND_BYTES * part, "commandBytes"),
      migrations: within(MIGRATIONS * part, "migrations"),
      checks: within(CHECKS * part, "checks"),
      isTerse: part < TERSE_BELOW,
      isOneOfMany: cases.length > MANY,
    };
  };
}

const within = (value: number, key: keyof typeof MOST): number =>
  Math.floor(Math.min(MOST[key], Math.max(LEAST[key], value)));

/** The `limit` items that matter most, in the order they came in. */
export function foremost<T>(items: readonly T[], limit: number, weight: (item: T) => number): readonly T[] {
  if (items.length <= limit) return items;
  const ranked = items.map((item, index) => ({ item, index, weight: weight(item) }));
  const kept = ranked.sort((a, b) => b.weight - a.weight || a.index - b.index).slice(0, limit);
  return kept.sort((a, b) => a.index - b.index).map(({ item }) => item);
}

/** The line that tells of what is not shown; nothing when all is. */
export const moreNote = (hidden: number, noun: string): string =>
  hidden === 0 ? "" : `<p class=more>… ${hidden} more ${noun}${hidden === 1 ? "" : "s"} in results.json</p>`;
