import type { CaseResult } from "../../lib/model/result.js";
import { benchParams } from "./bench-guests.js";
import { inLab } from "./bench-lab.js";
import { median } from "./figures.js";
import { runCases } from "./run-cases.js";
import { ms, type Part } from "./table.js";

/** Many guests all at once, there and back: what the engine itself takes must stay small. */
export const scalePart = (guests: number): Promise<Part[]> =>
  inLab(async (lab) => {
    const params = benchParams(guests, { pattern: "simultaneous", rounds: 1 });
    const id = `${guests}-guests-at-once`;
    const job = await runCases(lab, [{ id, scenario: "bench", variants: [id], tags: [], testIds: [], params }]);
    const [only] = job.cases;
    if (only === undefined) throw new Error("the job has no case");
    const figures = { ...figuresOf(only), cpuS: job.runner?.cpuS, peakMiB: job.runner?.peakMiB };
    return [
      {
        title: "scale: all at once, there and back",
        head: [
          "",
          "verdict",
          "case ms",
          "legs ms",
          "migrations",
          "most at once",
          "median ms",
          "runner CPU ms",
          "peak MiB",
        ],
        rows: [
          [
            ...[id, only.status, ms(only.durationMs), ms(figures.legsMs), String(figures.migrations)],
            ...[String(figures.mostAtOnce), ms(figures.medianMs)],
            ...[ms((figures.cpuS ?? Number.NaN) * 1000), String(figures.peakMiB ?? Number.NaN)],
          ],
        ],
        data: { status: only.status, caseMs: only.durationMs, ...figures },
      },
    ];
  });

function figuresOf({ legs, migrations }: CaseResult) {
  const spans = migrations.flatMap(({ startMs, endMs }) =>
    startMs === undefined || endMs === undefined ? [] : [{ startMs, endMs }],
  );
  const at = (moment: number): number =>
    spans.filter(({ startMs, endMs }) => startMs <= moment && moment < endMs).length;
  return {
    legsMs: legs.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
    migrations: spans.length,
    mostAtOnce: Math.max(0, ...spans.map(({ startMs }) => at(startMs))),
    medianMs: median(spans.map(({ startMs, endMs }) => endMs - startMs)),
  };
}
