/** How often a failure was seen among runs of the case that are known. */
export interface Seen {
  readonly runs: number;
  readonly failed: number;
}

/** A case that would still fail is given up by chance this often, at most. */
const DOUBT = 0.05;

/**
 * How many runs without the failure it takes to believe that it is gone: so many that a case which fails as often as those
 * seen would hardly have missed all of them. Not the share that was seen is asked, but what it may be after so few runs
 * (Beta-binomial with Jeffreys' prior): 5 failures in 5 runs make 2, in 10 runs 1; 5 in 10 make 6. Pure.
 * @param most never more than so many
 */
export function enoughRuns(seen: Seen, most: number): number {
  for (let runs = 1; runs < most; runs += 1) if (chanceOfMissing(seen, runs) < DOUBT) return runs;
  return most;
}

/** How probable it is that a case which fails as often as those seen does not fail once in so many further runs. */
export function chanceOfMissing({ runs, failed }: Seen, further: number): number {
  const missed = runs - failed;
  let chance = 1;
  for (let done = 0; done < further; done += 1) chance *= (missed + 0.5 + done) / (runs + 1 + done);
  return chance;
}
