import { join, resolve } from "node:path";
import { HarnessError, messageOf } from "../../lib/errors.js";
import type { Host } from "../../lib/model/inventory.js";
import type { LeakSample, SoakSummary } from "../../lib/model/soak.js";
import { webhookUrl } from "../../lib/notify/address.js";
import { until } from "../../lib/poll.js";
import { makeFolder, writeText } from "../../lib/store/artifacts.js";
import { pointLatest } from "../../lib/store/latest.js";
import { soakFolderName } from "../../lib/store/layout.js";
import { type LeakLog, leakLog } from "../../lib/store/leak-log.js";
import { passLine, soakFooter, soakHeader } from "../../reports/console/soak-lines.js";
import { renderSoakHtml } from "../../reports/soak-html.js";
import { renderSoakJson } from "../../reports/soak-json.js";
import { interruptible } from "../engine/interrupt.js";
import { EXIT } from "../exit-code.js";
import { type Figures, watchedFigures } from "../soak/figures.js";
import { look } from "../soak/look.js";
import { type Passes, summedUp } from "../soak/summed-up.js";
import { whyEnded } from "../soak/why-ended.js";
import { VERSION } from "../version.js";
import { secret } from "./execute.js";
import { notified } from "./notifier.js";
import { keptArgv, newJob, newJobKey, type Where, withHosts } from "./run.js";
import { loadAndSelect } from "./selection.js";
import { keptWithinLimits, onePass, type Passing, type SoakOptions } from "./soak-pass.js";

type Write = (text: string) => void;

/** Hosts that stopped answering get so long before the next pass is tried, and are asked so often. */
const RETURN = { everyMs: 10_000, timeoutMs: 600_000 };

/**
 * Runs the selection again and again, every pass a job of its own, and watches the hosts between them.
 * @param onResult told of each pass that came to a result
 * @returns the exit code: the bits of all passes together
 */
export async function soak(
  paths: readonly string[],
  options: SoakOptions,
  write: Write,
  onResult?: Passing["onResult"],
): Promise<number> {
  if (options.for === undefined && options.passes === undefined)
    throw new HarnessError("bad-input", "say how long: --for 12h, or --passes 20");
  const webhook = webhookUrl(options.notify);
  const selected = await loadAndSelect(paths, options);
  const interrupt = interruptible((line) => write(`\n${line}\n`));
  try {
    const key = newJobKey();
    return await withHosts(options, key, write, async (where) => {
      const startedAt = new Date();
      const soakId = soakFolderName(startedAt, key);
      const folder = resolve(options.resultsDir, soakId);
      await makeFolder(folder);
      await pointLatest(resolve(options.resultsDir), soakId);
      const about = { id: soakId, kind: "soak", folder, startedAt: startedAt.toISOString(), version: VERSION } as const;
      return notified({ webhook, job: about, write }, (notifier) =>
        go({
          ...{ options, selected, where, folder, write, onResult, notifier, soakId, startedAt },
          signal: interrupt.signal,
          hosts: hostsOf(where, options),
          startMs: performance.now(),
          figures: watchedFigures(),
          over: { passes: [] },
          leaks: leakLog(join(folder, "leaks.ndjson")),
        }),
      );
    });
  } finally {
    interrupt.dispose();
  }
}

interface Soak extends Passing {
  readonly hosts: readonly Host[];
  readonly soakId: string;
  readonly startedAt: Date;
  readonly startMs: number;
  readonly figures: Figures;
  /** Those that are over: all that stays in memory of a pass, of the oldest only sums. */
  over: Passes;
  readonly leaks: LeakLog;
}

function hostsOf({ inventory }: Where, { hosts }: SoakOptions): Host[] {
  const names = newJob({ inventory, jobKey: "", seed: 0, hosts }).hosts;
  return inventory.hosts.filter(({ name }) => names.includes(name));
}

async function go(soaking: Soak): Promise<number> {
  const { folder, signal, write } = soaking;
  write(`${soakHeader({ soakId: soaking.soakId, folder, cases: soaking.selected.cases.length })}\n`);
  await watch(soaking, 0);
  let ended = whyNoMore(soaking);
  for (let number = 1; ended === undefined; number += 1) {
    await tell(soaking, undefined);
    write(`\n${passLine(number, soaking.options.passes)}\n`);
    const pass = await onePass(soaking, number, () => whyTimeIsUp(soaking));
    const { over } = soaking;
    soaking.over = { ...over, passes: [...over.passes, pass] };
    ended = whyNoMore(soaking);
    if (!signal.aborted) await (pass.reason === undefined ? watch(soaking, number) : waitForHosts(soaking, number));
    const passes = await keptWithinLimits(folder, soaking.over.passes);
    soaking.over = summedUp({ ...soaking.over, passes });
    ended ??= whyNoMore(soaking);
  }
  const summary = await tell(soaking, ended);
  soaking.notifier?.because(ended);
  write(`\n${soakFooter(summary, { html: join(folder, "soak.html") })}\n`);
  return summary.exitCode;
}

function whyTimeIsUp({ options, startMs }: Soak): string | undefined {
  return options.for !== undefined && performance.now() - startMs >= options.for
    ? `the time of the soak is over: ${options.for / 1000} s`
    : undefined;
}

const whyNoMore = (soaking: Soak): string | undefined =>
  whyEnded({
    passes: soaking.over.passes,
    ...(soaking.over.earlier === undefined ? {} : { earlier: soaking.over.earlier.passes }),
    stopped: soaking.signal.aborted ? messageOf(soaking.signal.reason) : undefined,
    timeIsUp: whyTimeIsUp(soaking),
    most: soaking.options.passes,
    untilFail: soaking.options.untilFail === true,
  });

const lookNow = ({ where, hosts, startMs }: Soak, pass: number): Promise<LeakSample> =>
  look(pass, performance.now() - startMs, { inventory: where.inventory, hosts, secret });

async function watch(soaking: Soak, pass: number): Promise<void> {
  await record(soaking, await lookNow(soaking, pass));
}

async function record({ leaks, figures }: Soak, sample: LeakSample): Promise<void> {
  await leaks.add(sample);
  figures.take(sample);
}

/** Hosts that were away in one pass may be back in the next; a soak of a night is not to end with a reboot of a switch. */
async function waitForHosts(soaking: Soak, pass: number): Promise<void> {
  if (whyNoMore(soaking) !== undefined) return;
  const leftMs = soaking.startMs + (soaking.options.for ?? Number.POSITIVE_INFINITY) - performance.now();
  let sample: LeakSample | undefined;
  const answers = async (): Promise<boolean> => {
    sample = await lookNow(soaking, pass);
    return sample.problems.length === 0;
  };
  await until(answers, {
    everyMs: RETURN.everyMs,
    timeoutMs: Math.min(RETURN.timeoutMs, leftMs),
    what: "the hosts to answer again",
    signal: soaking.signal,
  }).catch((error: unknown) => soaking.write(`${messageOf(error)}\n`));
  if (sample !== undefined) await record(soaking, sample);
}

/** Writes the summary as it is now: what is on the disk is right also when the runner is killed in the next pass. */
async function tell(soaking: Soak, ended: string | undefined): Promise<SoakSummary> {
  const { selected, over, signal, folder } = soaking;
  const first = (over.earlier?.exitCode ?? 0) | (signal.aborted ? EXIT.interrupted : EXIT.ok);
  const summary: SoakSummary = {
    soakId: soaking.soakId,
    startedAt: soaking.startedAt.toISOString(),
    durationMs: performance.now() - soaking.startMs,
    version: VERSION,
    argv: keptArgv(),
    seed: selected.seed,
    ...(selected.profile === undefined ? {} : { profile: selected.profile }),
    hosts: soaking.hosts.map(({ name }) => name),
    cases: selected.cases.length,
    ...(ended === undefined ? {} : { ended }),
    exitCode: over.passes.reduce<number>((code, pass) => code | pass.exitCode, first),
    ...over,
    figures: soaking.figures.now(),
  };
  await writeText(join(folder, "soak.json"), renderSoakJson(summary));
  await writeText(join(folder, "soak.html"), renderSoakHtml(summary));
  return summary;
}
