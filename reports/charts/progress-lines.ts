import type { Evidence } from "../../lib/model/check.js";
import { iterationOf } from "../../lib/model/domain-events.js";
import type { MigrationProgress, ProgressPoint } from "../../lib/model/progress.js";
import type { ChartSpec, Line, Tick } from "../html/line-chart.js";

const MIB = 2 ** 20;

/**
 * Memory that was still to be copied, and how fast it was changed meanwhile, with the passes over it as ticks. Drawn from what
 * libvirt said while migrations ran, so one that was over within a second may have no line.
 */
export function progressCharts({ progress = [], events = [] }: Partial<Evidence>): ChartSpec[] {
  const ticks = passes(events);
  const isKnown = progress.every(({ pageSizeBytes }) => pageSizeBytes !== undefined);
  const dirty = ({ pageSizeBytes }: MigrationProgress, [, , pages]: ProgressPoint) =>
    pages === null || pageSizeBytes === undefined || !isKnown ? pages : (pages * pageSizeBytes) / MIB;
  return [
    {
      title: "Memory remaining, MiB; ticks are passes over it",
      lines: linesOf(progress, (_, [, bytes]) => (bytes === null ? null : bytes / MIB)),
      ticks,
    },
    {
      title: isKnown ? "Dirty rate, MiB/s" : "Dirty rate, pages/s",
      lines: linesOf(progress, dirty),
      ticks,
    },
  ];
}

const passes = (events: Evidence["events"]): Tick[] =>
  events.flatMap((event) => {
    const number = iterationOf(event);
    return number === undefined ? [] : [{ ms: event.atMs, text: `${event.guest}: pass ${number}` }];
  });

/** A line for each guest, broken between its migrations. */
function linesOf(
  progress: readonly MigrationProgress[],
  value: (migration: MigrationProgress, point: ProgressPoint) => number | null,
): Line[] {
  const guests = [...new Set(progress.map(({ guest }) => guest))];
  return guests.map((name) => ({
    name,
    areReadings: true,
    points: progress
      .filter(({ guest }) => guest === name)
      .sort((a, b) => a.leg - b.leg)
      .flatMap((migration) => {
        const [endMs] = migration.points.at(-1) ?? [0];
        return [
          ...migration.points.map((point) => [point[0], value(migration, point)] as const),
          [endMs, null] as const,
        ];
      }),
  }));
}
