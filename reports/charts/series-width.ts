import type { CapturePoint } from "../../lib/model/path.js";

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
