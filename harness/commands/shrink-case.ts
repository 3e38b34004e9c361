import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { HarnessError, messageOf } from "../../lib/errors.js";
import type { Params } from "../../lib/model/params.js";
import type { Decision, ShrinkProbe, ShrinkRun, ShrinkSummary } from "../../lib/model/shrink.js";
import { writeText } from "../../lib/store/artifacts.js";
import { safeText } from "../../reports/console/safe-text.js";
import { shellLine } from "../../reports/shell-line.js";
import {
  believedLine,
  probeLine,
  rateLine,
  renderShrinkJson,
  sameCaseLine,
  shrinkFooter,
  shrinkHeader,
} from "../../reports/shrink-text.js";
import { EXIT } from "../exit-code.js";
import { expand } from "../expand.js";
import { loadScenario } from "../load.js";
import { asScenario, scenarioText, shrunkName } from "../shrink/as-scenario.js";
import { chanceOfMissing, enoughRuns } from "../shrink/enough-runs.js";
import { type Reduction, reductions } from "../shrink/reductions.js";
import { restsOn } from "../shrink/rests-on.js";
import { keyOf, search } from "../shrink/search.js";
import { VERSION } from "../version.js";
import type { FailedCase } from "./failed-case.js";
import type { KnownRuns } from "./known-runs.js";
import type { Runs } from "./shrink-runs.js";

export interface ShrinkCase {
  readonly failed: FailedCase;
  readonly runs: Runs;
  readonly folder: string;
  readonly shrinkId: string;
  readonly startedAt: Date;
  readonly signal: AbortSignal;
  readonly write: (text: string) => void;
  /** Of the case as it is, and once more of the smallest one. */
  readonly repeats: number;
  readonly maxRuns: number;
  readonly forMs?: number;
  /** Of an earlier search, which this one goes on with. */
  readonly known?: KnownRuns;
  /** That runs the smallest case. */
  readonly command: readonly string[];
}

interface Shrinking extends ShrinkCase {
  /** Those that were not yet taken up. */
  readonly left: Map<string, readonly ShrinkRun[]>;
  readonly startMs: number;
  readonly original: ShrinkRun[];
  readonly probes: ShrinkProbe[];
  /** What was taken away so far. */
  taken: readonly Reduction[];
  confirmed: ShrinkRun[];
  isSmallest: boolean;
  ended?: string;
}

/** Looks for the smallest case, and tells it also when it is stopped on the way. @returns the exit code */
export async function shrinkCase(what: ShrinkCase): Promise<number> {
  const shrinking: Shrinking = {
    ...what,
    left: new Map(what.known),
    ...{ startMs: performance.now(), original: [], probes: [], taken: [], confirmed: [], isSmallest: false },
  };
  const { write, folder, failed } = shrinking;
  write(`${shrinkHeader(await save(shrinking), folder)}\n`);
  if (await isHadAgain(shrinking)) {
    await look(shrinking);
    await confirm(shrinking);
  }
  const summary = await save(shrinking);
  const path = join(folder, "shrunk.yaml");
  const yaml = yamlOf(shrinking);
  await mustReadBack(path, summary.params);
  write(`${shrinkFooter(summary, { yaml, path, command: shellLine(shrinking.command) })}\n`);
  if (shrinking.original.length > 0 && !shrinking.original.some(isSame) && failed.guestsOf !== undefined)
    write(
      `HINT       : it took over the guests of ${safeText(failed.guestsOf)}: \`replay\` the whole job to have both\n`,
    );
  return summary.exitCode;
}

const isSame = ({ outcome }: ShrinkRun): boolean => outcome === "same";

const paramsOf = ({ taken, failed }: Shrinking): Params => taken.at(-1)?.params ?? failed.testCase.params;

const whyStop = ({ signal, runs }: Shrinking): string | undefined =>
  signal.aborted ? messageOf(signal.reason) : runs.whyBroken();

const timeOver = ({ forMs, startMs }: Shrinking): string | undefined =>
  forMs !== undefined && performance.now() - startMs >= forMs ? `the time is over: ${forMs / 1000} s` : undefined;

/** Whether the case as it is fails once more. A search that starts from what does not fail would find anything. */
async function isHadAgain(shrinking: Shrinking): Promise<boolean> {
  await repeat(shrinking, "ORIGINAL", shrinking.original);
  const stopped = whyStop(shrinking);
  const isAgain = shrinking.original.some(isSame);
  if (stopped !== undefined) shrinking.ended = stopped;
  else if (!isAgain)
    shrinking.ended = `the failure could not be had again in ${shrinking.original.length} runs: nothing was tried; more of them with -n`;
  return isAgain && stopped === undefined;
}

async function repeat(shrinking: Shrinking, what: string, into: ShrinkRun[]): Promise<void> {
  const { repeats, write } = shrinking;
  while (into.length < repeats && whyStop(shrinking) === undefined) {
    const run = await runOnce(shrinking, paramsOf(shrinking));
    into.push(run);
    await save(shrinking);
    write(`${sameCaseLine(what, run, into.length, repeats)}\n`);
  }
  write(`${rateLine(what, into)}\n`);
}

const runOnce = async ({ runs, failed, left }: Shrinking, params: Params): Promise<ShrinkRun> => {
  const [known, ...others] = left.get(keyOf(params)) ?? [];
  left.set(keyOf(params), others);
  if (known !== undefined) return known;
  const name = shrunkName(failed.testCase.scenario);
  return runs.run({ id: name, scenario: name, variants: [], tags: [], testIds: [], params });
};

async function look(shrinking: Shrinking): Promise<void> {
  const { failed, original, maxRuns, write } = shrinking;
  const seen = { runs: original.length, failed: original.filter(isSame).length };
  const enough = enoughRuns(seen, maxRuns);
  write(`${believedLine(enough, chanceOfMissing(seen, enough))}\n`);
  const staying = restsOn(failed.testCase.params, failed.check).flatMap((expectation) => expectation.restsOn);
  const { stopped } = await search(failed.testCase.params, seen, {
    reductions: (params) => reductions(params, staying),
    run: (params) => runOnce(shrinking, params),
    whyStop: () => whyStop(shrinking) ?? timeOver(shrinking),
    maxRuns,
    tell: (reduction, runs, decision) => tell(shrinking, reduction, runs, decision),
  });
  if (stopped === undefined) shrinking.isSmallest = true;
  else shrinking.ended = stopped;
}

async function tell(
  shrinking: Shrinking,
  reduction: Reduction,
  runs: readonly ShrinkRun[],
  decision: Decision,
): Promise<void> {
  const { probes, write } = shrinking;
  const { name, params } = reduction;
  if (runs.length > 1) probes.pop();
  probes.push({ name, decision, runs: [...runs], params });
  if (decision === "taken") shrinking.taken = [...shrinking.taken, reduction];
  await save(shrinking);
  write(`${probeLine(probes.length, { name, runs, decision })}\n`);
}

/**
 * The smallest case once more, as often as the original: one failure was enough to take it. Where it never fails again, the
 * one before it is asked, unless the time is over: then nothing is claimed.
 */
async function confirm(shrinking: Shrinking): Promise<void> {
  while (shrinking.taken.length > 0 && whyStop(shrinking) === undefined) {
    await repeat(shrinking, "SMALLEST", shrinking.confirmed);
    if (shrinking.confirmed.some(isSame) || whyStop(shrinking) !== undefined) break;
    shrinking.isSmallest = false;
    const over = timeOver(shrinking);
    if (over !== undefined) {
      shrinking.ended = `${over}, and the smallest case did not fail again: \`--continue\` gives back what is too much`;
      break;
    }
    const lost = shrinking.taken.at(-1)?.name ?? "";
    shrinking.taken = shrinking.taken.slice(0, -1);
    // They are runs of what was given back, and would be taken for those of what is left.
    shrinking.confirmed = [];
    shrinking.ended = `it failed once ${lost}, and not again: that was given back`;
    shrinking.write(`GIVEN BACK : ${safeText(lost)}\n`);
  }
  shrinking.ended = whyStop(shrinking) ?? shrinking.ended ?? "everything was tried";
}

/** What is on the disk is right also when the runner is killed in the next run. */
async function save(shrinking: Shrinking): Promise<ShrinkSummary> {
  const { failed, original, probes, confirmed, isSmallest, ended } = shrinking;
  const { testCase, signature, check, job } = failed;
  const summary: ShrinkSummary = {
    ...{ shrinkId: shrinking.shrinkId, jobId: job.jobId, folder: failed.folder, caseId: testCase.id, signature },
    startedAt: shrinking.startedAt.toISOString(),
    durationMs: performance.now() - shrinking.startMs,
    ...{ version: VERSION, argv: process.argv.slice(2) },
    ...(job.profile === undefined ? {} : { profile: job.profile }),
    ...{ original, probes, taken: shrinking.taken.map(({ name }) => name), confirmed, isSmallest },
    params: paramsOf(shrinking),
    kept: restsOn(testCase.params, check).map(({ says }) => says),
    ...(ended === undefined ? {} : { ended }),
    exitCode: exitCode(shrinking),
  };
  await writeText(join(shrinking.folder, "shrink.json"), renderShrinkJson(summary));
  await writeText(join(shrinking.folder, "shrunk.yaml"), yamlOf(shrinking));
  return summary;
}

/** Runs that fail are what is looked for: they are no failure of the search. */
function exitCode({ signal, runs, original, taken, confirmed }: Shrinking): number {
  const isFound = taken.length === 0 ? original.some(isSame) : confirmed.some(isSame);
  const isBroken = runs.whyBroken() !== undefined || (!isFound && !signal.aborted);
  return (signal.aborted ? EXIT.interrupted : EXIT.ok) | (isBroken ? EXIT.jobFailed : EXIT.ok);
}

function yamlOf(shrinking: Shrinking): string {
  const { failed, taken, isSmallest } = shrinking;
  const { testCase, job, signature } = failed;
  const what = `${testCase.id} of ${job.jobId}`;
  const summary = isSmallest
    ? `The smallest case that fails like ${what}`
    : `${what}${taken.length === 0 ? ", as it was" : ", smaller and with the same failure"}`;
  return scenarioText(asScenario(shrunkName(testCase.scenario), summary, paramsOf(shrinking)), [
    `failure: ${safeText(signature)}`,
    ...taken.map(({ name }) => `taken away: ${safeText(name)}`),
  ]);
}

/** A file that says something else than what was run would be worse than none. */
async function mustReadBack(path: string, params: Params): Promise<void> {
  const [only] = expand(await loadScenario(path));
  if (!isDeepStrictEqual(only?.params, params))
    throw new HarnessError(
      "internal",
      `${path} does not say what was run: its parameters are in shrink.json beside it`,
    );
}
