import type { EarlierPasses, PassSummary } from "../../lib/model/soak.js";
import { STATUSES } from "../../lib/model/status.js";
import { isOk } from "./retention.js";

export interface Passes {
  readonly passes: readonly PassSummary[];
  readonly earlier?: EarlierPasses;
}

/**
 * Passes of which nothing is kept become sums: with a line for each, memory of the runner and a file that is written anew after
 * every pass would grow for as long as a soak goes on. Pure.
 */
export function summedUp({ passes, earlier }: Passes): Passes {
  const gone = passes.filter(({ kept }) => kept === "gone");
  if (gone.length === 0) return { passes, ...(earlier === undefined ? {} : { earlier }) };
  return {
    passes: passes.filter(({ kept }) => kept !== "gone"),
    earlier: gone.reduce(added, earlier ?? NONE),
  };
}

const NONE: EarlierPasses = {
  ...{ passes: 0, ok: 0, durationMs: 0, exitCode: 0 },
  counts: Object.fromEntries(STATUSES.map((status) => [status, 0])) as EarlierPasses["counts"],
};

const added = (sum: EarlierPasses, pass: PassSummary): EarlierPasses => ({
  passes: sum.passes + 1,
  ok: sum.ok + (isOk(pass) ? 1 : 0),
  durationMs: sum.durationMs + pass.durationMs,
  exitCode: sum.exitCode | pass.exitCode,
  counts: Object.fromEntries(
    STATUSES.map((status) => [status, sum.counts[status] + pass.counts[status]]),
  ) as EarlierPasses["counts"],
});
