import type { LegEvidence } from "../../lib/model/check.js";
import type { CapturePoint } from "../../lib/model/path.js";

const COARSE_MS = 500;
const FINE_MS = 100;
/** A capture begins before the first leg, and may see its first packet in it. */
const EARLIEST_MS = 120_000;
/** Of its bytes, so many have to lie in legs where it fits best; else nothing is known of its clock. */
const FITS = 0.6;

/**
 * When the first second of a capture was, milliseconds since the job started. A capture knows its own host's clock only, so
 * its seconds are laid where most of its bytes lie in legs: good to about a second. Undefined where they fit nowhere.
 */
export function captureStartMs(
  series: readonly CapturePoint[],
  widthS: number,
  legs: readonly LegEvidence[],
): number | undefined {
  const [first, last] = [legs[0], legs.at(-1)];
  const seconds = bytesOfSeconds(series);
  const whole = [...seconds.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (first === undefined || last === undefined || whole === 0) return undefined;
  const covered = coverOf(legs);
  const lengthMs = widthS * 1000;
  const inOrder = [...seconds].sort(([a], [b]) => a - b);
  const bytesInLegs = (startMs: number): number => {
    let bytes = 0;
    // Where one second ends mostly the next begins.
    let [endMs, atEnd] = [Number.NaN, 0];
    for (const [second, moved] of inOrder) {
      const fromMs = startMs + second * 1000;
      const atStart = fromMs === endMs ? atEnd : covered(fromMs);
      endMs = fromMs + lengthMs;
      atEnd = covered(endMs);
      bytes += (moved * (atEnd - atStart)) / lengthMs;
    }
    return bytes;
  };
  const about = bestOf(bytesInLegs, first.startMs - EARLIEST_MS, first.endMs, COARSE_MS);
  const best = bestOf(bytesInLegs, about.atMs - COARSE_MS, about.atMs + COARSE_MS, FINE_MS);
  return best.bytes < whole * FITS ? undefined : best.atMs;
}

/** Where the most bytes lie in legs; of a stretch that is equally good, its middle. */
function bestOf(bytesAt: (ms: number) => number, fromMs: number, toMs: number, stepMs: number) {
  let best = { firstMs: fromMs, lastMs: fromMs, bytes: -1 };
  for (let ms = fromMs; ms <= toMs; ms += stepMs) {
    const bytes = bytesAt(ms);
    if (bytes > best.bytes * 1.0001) best = { firstMs: ms, lastMs: ms, bytes };
    else if (bytes >= best.bytes * 0.9999 && ms - best.lastMs <= stepMs) best.lastMs = ms;
  }
  return { atMs: (best.firstMs + best.lastMs) / 2, bytes: best.bytes };
}

function bytesOfSeconds(series: readonly CapturePoint[]): ReadonlyMap<number, number> {
  const seconds = new Map<number, number>();
  for (const { second, bytes } of series) seconds.set(second, (seconds.get(second) ?? 0) + bytes);
  return seconds;
}

/** Milliseconds of legs before a moment: a straight line between their ends. */
function coverOf(legs: readonly LegEvidence[]): (ms: number) => number {
  const inOrder = [...legs].sort((a, b) => a.startMs - b.startMs);
  const before: number[] = [];
  let sum = 0;
  for (const { startMs, endMs } of inOrder) {
    before.push(sum);
    sum += Math.max(0, endMs - startMs);
  }
  return (ms) => {
    let [low, high] = [0, inOrder.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((inOrder[middle]?.startMs ?? 0) <= ms) low = middle + 1;
      else high = middle;
    }
    const leg = inOrder[low - 1];
    if (leg === undefined) return 0;
    return (before[low - 1] ?? 0) + Math.min(Math.max(0, ms - leg.startMs), Math.max(0, leg.endMs - leg.startMs));
  };
}

/** Fewer points than these were never drawn together: see `points` in lib/capture/tally.ts. */
const SURELY_SECONDS = 100;

/** Seconds that one point stands for: a long capture keeps fewer and longer stretches, each a power of two of seconds. */
export function widthOf(series: readonly CapturePoint[]): number {
  const seconds = new Set(series.map(({ second }) => second));
  if (seconds.size < SURELY_SECONDS) return 1;
  let width = 1;
  while ([...seconds].every((second) => second % (width * 2) === 0)) width *= 2;
  return width;
}
