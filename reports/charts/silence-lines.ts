import type { CaseResult } from "../../lib/model/result.js";
import { type ChartSpec, LINES } from "../html/line-chart.js";
import { guestsOf } from "../summary.js";

/** The longest silence of each guest in each of its migrations; guests that were silent longest come first. */
export function silenceChart(result: CaseResult): ChartSpec {
  const lines = guestsOf(result).map((guest) => {
    const seen = result.migrations
      .filter((record) => record.guest === guest)
      .flatMap(({ startMs, endMs, silence }) =>
        startMs === undefined || endMs === undefined || silence === undefined
          ? []
          : [{ startMs, endMs, ms: silence.longestMs }],
      )
      .sort((a, b) => a.startMs - b.startMs);
    return {
      name: guest,
      longestMs: Math.max(0, ...seen.map(({ ms }) => ms)),
      points: seen.flatMap(({ startMs, endMs, ms }): [number, number | null][] => [
        [startMs, ms],
        [endMs, null],
      ]),
    };
  });
  const first = lines.sort((a, b) => b.longestMs - a.longestMs).slice(0, LINES);
  return { title: "Longest silence in each migration, ms", lines: first.map(({ name, points }) => ({ name, points })) };
}
