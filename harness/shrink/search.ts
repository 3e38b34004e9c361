import type { Params } from "../../lib/model/params.js";
import type { Decision, ShrinkRun } from "../../lib/model/shrink.js";
import { enoughRuns, type Seen } from "./enough-runs.js";
import type { Reduction } from "./reductions.js";

/** All that a search needs from outside; a test fakes the world with a predicate. */
export interface Searching {
  readonly reductions: (params: Params) => readonly Reduction[];
  /** Runs a case once. Never rejects. */
  readonly run: (params: Params) => Promise<ShrinkRun>;
  /** Asked before every run: why none is to begin any more. */
  readonly whyStop: () => string | undefined;
  /** Runs of one reduction without the failure, at most, before it is left out. */
  readonly maxRuns: number;
  /** Told after every run of a reduction, and what it decided. */
  readonly tell: (reduction: Reduction, runs: readonly ShrinkRun[], decision: Decision) => Promise<void>;
}

export interface Found {
  /** Reductions that were taken, one upon the other; the params of the last are the smallest case. */
  readonly taken: readonly Reduction[];
  /** Why it ended before everything was tried; absent: nothing more can be taken away. */
  readonly stopped?: string;
}

/**
 * Takes away from a case as long as it fails in the same way (delta debugging: Zeller and Hildebrandt, Simplifying and
 * isolating failure-inducing input, 2002). A failure that is seen is a failure: one run is enough to take a reduction. To
 * leave one out takes as many runs as `enoughRuns` says. After a success the search goes on behind it, and ends once each
 * single reduction of the smallest case was left out.
 * @param seen runs of the case as it is
 */
export async function search(start: Params, seen: Seen, searching: Searching): Promise<Found> {
  const taken: Reduction[] = [];
  const tried = new Set([keyOf(start)]);
  let known = seen;
  let open = searching.reductions(start);
  let row = 0;
  for (;;) {
    const next = nextOf(open, row, tried);
    if (next === undefined) return { taken };
    const { decision, runs, stopped } = await probe(next, known, searching);
    if (stopped !== undefined) return { taken, stopped };
    tried.add(keyOf(next.params));
    if (decision !== "taken") continue;
    taken.push(next);
    row = next.row;
    known = { runs: known.runs + runs.length, failed: known.failed + 1 };
    open = searching.reductions(next.params);
  }
}

/** The same text for the same case. */
export const keyOf = (params: Params): string => JSON.stringify(params);

/** From this row on, and then from the first again. */
function nextOf(open: readonly Reduction[], row: number, tried: ReadonlySet<string>): Reduction | undefined {
  const untried = open.filter(({ params }) => !tried.has(keyOf(params)));
  return untried.find((one) => one.row >= row) ?? untried[0];
}

interface Probed {
  readonly decision: Decision;
  readonly runs: readonly ShrinkRun[];
  readonly stopped?: string;
}

async function probe(reduction: Reduction, known: Seen, { run, whyStop, maxRuns, tell }: Searching): Promise<Probed> {
  const enough = enoughRuns(known, maxRuns);
  const runs: ShrinkRun[] = [];
  for (;;) {
    const stopped = whyStop();
    if (stopped !== undefined) return { decision: "undecided", runs, stopped };
    runs.push(await run(reduction.params));
    const decision = decided(runs, enough);
    await tell(reduction, runs, decision);
    if (decision !== "undecided") return { decision, runs };
    if (runs.at(-1)?.outcome === "untold") return { decision, runs, stopped: whyStop() ?? "a run was cut off" };
  }
}

/** A run that was cut off says nothing, and ends the search. */
function decided(runs: readonly ShrinkRun[], enough: number): Decision {
  const outcome = runs.at(-1)?.outcome;
  if (outcome === "same") return "taken";
  if (outcome === "unfit") return "left-out";
  return runs.filter((one) => one.outcome === "other").length >= enough ? "left-out" : "undecided";
}
