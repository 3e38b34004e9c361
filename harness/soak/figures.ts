import type { LeakSample, Reading, WatchedFigure } from "../../lib/model/soak.js";
import { type Point, trendOf } from "./trend.js";

/** Points of one figure that are kept: with more, every second is given up, so that no soak is too long. */
const MAX_POINTS = 400;
const MS_PER_HOUR = 3_600_000;

interface Series extends Pick<Reading, "where" | "what" | "unit"> {
  readonly first: number;
  last: number;
  pid: number | undefined;
  restarts: number;
  points: Point[];
  /** A point is kept of so many passes. */
  every: number;
}

export interface Figures {
  readonly take: (sample: LeakSample) => void;
  /** In the order in which they were first read. */
  readonly now: () => WatchedFigure[];
}

/** Remembers what was read between the passes, in memory that does not grow, and says how each figure goes. */
export function watchedFigures(): Figures {
  const all = new Map<string, Series>();
  return {
    take: ({ pass, monoMs, readings }) => {
      for (const reading of readings) {
        const key = `${reading.where} ${reading.what}`;
        const series = all.get(key) ?? begin(reading);
        all.set(key, series);
        add(series, reading, { pass, hours: monoMs / MS_PER_HOUR, value: reading.value });
      }
    },
    now: () =>
      [...all.values()].map(({ where, what, unit, first, last, restarts, points }) => ({
        where,
        what,
        unit,
        first,
        last,
        restarts,
        trend: trendOf(points, unit),
      })),
  };
}

const begin = ({ where, what, unit, value, pid }: Reading): Series => ({
  where,
  what,
  unit,
  first: value,
  last: value,
  pid,
  restarts: 0,
  points: [],
  every: 1,
});

function add(series: Series, { value, pid }: Reading, point: Point): void {
  series.last = value;
  if (pid !== series.pid) {
    series.pid = pid;
    series.restarts += 1;
    series.points = [];
    series.every = 1;
  }
  // Before the first pass nothing was warm: it is told as the first value and compared with nothing.
  if (point.pass === 0 || point.pass % series.every !== 0) return;
  series.points.push(point);
  if (series.points.length <= MAX_POINTS) return;
  series.every *= 2;
  series.points = series.points.filter(({ pass }) => pass % series.every === 0);
}
