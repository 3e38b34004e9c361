import { upperTail } from "../../lib/model/normal.js";
import type { Reading, Trend } from "../../lib/model/soak.js";

/** A figure after a pass. */
export interface Point {
  readonly pass: number;
  readonly hours: number;
  readonly value: number;
}

/** With fewer after the warm-up, even a figure that rises every time could do so by chance. */
const ENOUGH_PASSES = 6;
/** A soak looks at some twenty figures: with 5 % one of them would be named by chance every time. */
const CHANCE = 0.01;
/**
 * The beginning in which caches fill, as a part of all passes, and how many passes there have to be. What is counted is
 * soon what it stays; memory settles late: programs are compiled when they are first used, and allocators keep what they had.
 */
const WARM_UP: Readonly<Record<Reading["unit"], { readonly part: number; readonly passes: number }>> = {
  KiB: { part: 0.5, passes: 12 },
  count: { part: 0.25, passes: 6 },
};
/** What grows does so in its later half too, at half its pace at least: what rose once and stays is no leak. */
const LATER_SHARE = 0.25;

/** How much a figure has to have risen to be worth a word, in its unit: an allocator's step or one socket more is not. */
const LEAST_RISE: Readonly<Record<Reading["unit"], (first: number) => number>> = {
  KiB: (first) => Math.max(1024, first / 50),
  count: () => 2,
};

/**
 * Whether a figure grows beyond its noise: Mann-Kendall says that the rise is not by chance, its slope that it matters,
 * and its later half that it goes on. Pure.
 * @param points in the order of passes, the first pass not before 1
 */
export function trendOf(points: readonly Point[], unit: Reading["unit"]): Trend {
  const warmUp = Math.max(0, Math.min(Math.floor(points.length * WARM_UP[unit].part), points.length - ENOUGH_PASSES));
  const tested = points.slice(warmUp);
  const perPass = slope(tested.map(({ pass, value }) => [pass, value]));
  const perHour = slope(tested.map(({ hours, value }) => [hours, value]));
  const slopes = { ...(perPass === undefined ? {} : { perPass }), ...(perHour === undefined ? {} : { perHour }) };
  const passes = tested.length;
  if (points.length < WARM_UP[unit].passes) return { word: "too-few", passes, ...slopes };
  const chance = chanceOfRise(
    tested.map(({ value }) => value),
    persistence(tested),
  );
  const rise = riseOf(tested);
  const isRising =
    chance < CHANCE &&
    rise >= LEAST_RISE[unit](tested[0]?.value ?? 0) &&
    riseOf(tested.slice(Math.floor(passes / 2))) >= rise * LATER_SHARE;
  return { word: isRising ? "grows" : "steady", passes, ...slopes, chance };
}

/** From the first point to the last along the line of least squares. */
function riseOf(points: readonly Point[]): number {
  const perPass = slope(points.map(({ pass, value }) => [pass, value])) ?? 0;
  return perPass * ((points.at(-1)?.pass ?? 0) - (points[0]?.pass ?? 0));
}

/** Least squares. `undefined` when all x are the same. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number | undefined {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread > 0 ? points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread : undefined;
}

/**
 * Mann-Kendall: probability that values without a trend would rise as clearly as these or more so. By the normal
 * approximation with its corrections for ties and continuity, which errs on the careful side for few values.
 * @param persistence 0 to 1: how much a value takes after the one before; then many values say no more than few
 */
export function chanceOfRise(values: readonly number[], persistence = 0): number {
  let score = 0;
  for (const [index, value] of values.entries())
    for (const earlier of values.slice(0, index)) score += Math.sign(value - earlier);
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  const tied = [...ties.values()].reduce((sum, count) => sum + weight(count), 0);
  const variance = ((weight(values.length) - tied) / 18) * ((1 + persistence) / (1 - persistence));
  return variance > 0 ? upperTail((score - Math.sign(score)) / Math.sqrt(variance)) : 1;
}

/** What is kept of all persistence: with 1 nothing could ever be told. */
const MOST_PERSISTENT = 0.95;

/**
 * Correlation of what lies beside the line with the same one pass earlier, 0 where there is none. Of few values it comes
 * out too small, by (2 + 4r) / n beside a line that was fitted to them; that is put right.
 */
function persistence(points: readonly Point[]): number {
  const perPass = slope(points.map(({ pass, value }) => [pass, value])) ?? 0;
  const level = points.reduce((sum, { pass, value }) => sum + value - perPass * pass, 0) / points.length;
  const beside = points.map(({ pass, value }) => value - level - perPass * pass);
  const together = beside.slice(1).reduce((sum, value, index) => sum + value * (beside[index] ?? 0), 0);
  const alone = beside.reduce((sum, value) => sum + value ** 2, 0);
  // Beside a straight line lie rounding errors only.
  if (together <= 0 || alone < 1e-9 * points.reduce((sum, { value }) => sum + value ** 2, 0)) return 0;
  const { length } = points;
  return Math.min(MOST_PERSISTENT, ((together / alone) * length + 2) / (length - 4));
}

const weight = (count: number): number => count * (count - 1) * (2 * count + 5);
