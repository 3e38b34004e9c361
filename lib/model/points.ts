/** Points of something over time, e.g. `[ms, cpuS]`: the first number is the time in milliseconds. */
export type Point = readonly [ms: number, ...values: (number | null)[]];

/** Enough for a chart; a series of hours takes no more room than one of minutes. */
export const MAX_POINTS = 600;

/**
 * Adds a point to a series that must not grow without bound: when it is full, every other point goes and from then on they
 * stand twice as far apart. The newest point is always the last one. For values that only grow nothing is lost by it but
 * detail.
 */
export function addPoint<T extends Point>(points: readonly T[], point: T, max = MAX_POINTS): T[] {
  const [before, last] = points.slice(-2);
  const apartMs = points.length < 3 ? 0 : ((points.at(-2)?.[0] ?? 0) - (points[0]?.[0] ?? 0)) / (points.length - 2);
  const isBetween = before !== undefined && last !== undefined && last[0] - before[0] < apartMs * 0.75;
  const added = [...(isBetween ? points.slice(0, -1) : points), point];
  return added.length <= max ? added : added.filter((_, index) => index % 2 === 0 || index === added.length - 1);
}
