import { GUTTER, type Scale, WIDTH } from "./axis.js";

/** Milliseconds since the job started, and a value; null: nothing is known. In the order of time. */
export type Points = readonly (readonly [ms: number, value: number | null])[];

/** Of the drawing's own units. */
const COLUMN = 2;
const MOST = ((WIDTH - GUTTER) / COLUMN) * 4;

/**
 * Points that look the same when drawn, and never more than a drawing has room for: of each column the first, the last, the
 * lowest and the highest (M4: Jugel and others, A Visualization-Oriented Time Series Data Aggregation, 2014). Pure.
 */
export function thinned(points: Points, x: Scale): Points {
  if (points.length <= MOST) return points;
  const columns = new Map<number, Points[number][]>();
  for (const point of points) {
    const column = Math.floor(x(point[0]) / COLUMN);
    columns.set(column, foremost([...(columns.get(column) ?? []), point]));
  }
  return [...columns.values()].flat();
}

function foremost(points: Points[number][]): Points[number][] {
  if (points.length <= 4) return points;
  const known = points.filter(([, value]) => value !== null);
  const [lowest, highest] = [1, -1].map((sign) =>
    known.reduce<Points[number] | undefined>(
      (best, one) => (best === undefined || sign * Number(one[1]) < sign * Number(best[1]) ? one : best),
      undefined,
    ),
  );
  const last = points.length - 1;
  return points.filter((one, index) => index === 0 || index === last || one === lowest || one === highest);
}
