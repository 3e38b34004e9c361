import type { LegEvidence } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding } from "./findings.js";
import { groupBy } from "./group.js";
import { jobSpans, type Span } from "./job-span.js";

interface Directed extends Span {
  readonly source: string;
}

/**
 * Migrations that were to run at the same time did; in a cross leg, migrations of both directions. ERROR otherwise: a leg in
 * which one came after the other has not shown what it was made for.
 */
export const overlap: Check = ({ case: { params }, legs, migrations, events }) => {
  const spanOf = jobSpans(events);
  const byLeg = groupBy(migrations, ({ leg }) => leg);
  const directed = (record: MigrationRecord): Directed[] => {
    const span = spanOf(record);
    return span === undefined ? [] : [{ ...span, source: record.source }];
  };
  const wide = legs
    .filter(({ moves, width }) => moves.length >= 2 && width >= 2)
    .map((leg) => ({ ...leg, spans: (byLeg.get(leg.number) ?? []).flatMap(directed) }));
  const fewestAtOnce = wide.reduce(
    (fewest, { spans }) => Math.min(fewest, mostAtOnce(spans)),
    Number.POSITIVE_INFINITY,
  );
  return conclude(
    "overlap",
    wide.length,
    wide.flatMap((leg) => judge(leg, params.movement.pattern === "cross")),
    `in each of ${wide.length} legs migrations ran at the same time`,
    { legs: wide.length, ...(wide.length === 0 ? {} : { fewestAtOnce }) },
  );
};

function judge(
  { number, moves, spans }: LegEvidence & { readonly spans: readonly Directed[] },
  cross: boolean,
): Finding[] {
  if (mostAtOnce(spans) < 2) return [error(`leg ${number}: of ${moves.length} migrations no two ran at the same time`)];
  const crossed = !cross || spans.some((a) => spans.some((b) => a.source !== b.source && overlaps(a, b)));
  return crossed ? [] : [error(`leg ${number}: no two migrations of opposite directions ran at the same time`)];
}

const overlaps = (a: Span, b: Span): boolean => Math.max(a.startMs, b.startMs) < Math.min(a.endMs, b.endMs);

/** The most spans that any instant lies in: found where one of them begins. */
const mostAtOnce = (spans: readonly Span[]): number =>
  spans.reduce((most, { startMs }) => {
    const now = spans.filter((span) => span.startMs <= startMs && startMs < span.endMs).length;
    return Math.max(most, now);
  }, 0);
