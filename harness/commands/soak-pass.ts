import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError, messageOf } from "../../lib/errors.js";
import { plainLines } from "../../lib/model/plain-text.js";
import type { JobResult } from "../../lib/model/result.js";
import type { PassSummary } from "../../lib/model/soak.js";
import { makeFolder, writeJson } from "../../lib/store/artifacts.js";
import { folderBytes, reduceFolder, removeFolder } from "../../lib/store/soak-folder.js";
import { countByStatus } from "../../reports/summary.js";
import { EXIT } from "../exit-code.js";
import { ordered } from "../order.js";
import { afterTheFirst, linked, passSeed } from "../soak/pass-edges.js";
import { RETENTION, retained } from "../soak/retention.js";
import { execute } from "./execute.js";
import type { Notifier } from "./notifier.js";
import { newJob, newJobKey, type RunOptions, type Where } from "./run.js";
import type { Selected } from "./selection.js";

export interface SoakOptions extends Omit<RunOptions, "failfast"> {
  /** Milliseconds. */
  readonly for?: number;
  readonly passes?: number;
  readonly untilFail?: boolean;
}

export interface Passing {
  readonly options: SoakOptions;
  readonly selected: Selected;
  readonly where: Where;
  /** Of the soak. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly write: (text: string) => void;
  /** Told of each pass that came to a result. */
  readonly onResult?: ((result: JobResult) => void) | undefined;
  readonly notifier?: Notifier | undefined;
}

/**
 * Runs one pass in a folder of its own; one that cannot be run is told and not thrown.
 * @param whyEnough asked before each case but the first: why no further one is to begin
 */
export async function onePass(
  soaking: Passing,
  pass: number,
  whyEnough: () => string | undefined,
): Promise<PassSummary> {
  const { selected, where, options, write } = soaking;
  const seed = passSeed(selected.seed, pass);
  const cases = options.order === "shuffled" ? ordered(selected.cases, "shuffled", seed) : selected.cases;
  const job = newJob({ ...where, jobKey: newJobKey(), seed, profile: selected.profile, hosts: options.hosts });
  const folder = join(soaking.folder, job.jobId);
  await makeFolder(folder);
  await writeJson(join(folder, "job.json"), job);
  const startMs = performance.now();
  const interrupt = linked(soaking.signal);
  const base = { pass, jobId: job.jobId, seed, startedAt: job.startedAt };
  let told: Told = { counts: countByStatus([]), isDirty: false };
  let outcome: Pick<PassSummary, "exitCode" | "reason">;
  try {
    const exitCode = await execute(
      job,
      { kind: "fresh", cases, freshGuests: options.fresh === true },
      {
        folder,
        failFast: options.untilFail === true,
        keepMs: options.keepOnFailure,
        interrupt,
        write,
        enough: afterTheFirst(whyEnough),
        notifier: soaking.notifier,
        onResult: (result) => {
          told = toldOf(result);
          soaking.onResult?.(result);
        },
      },
    );
    outcome = { exitCode };
  } catch (error) {
    outcome = { exitCode: EXIT.jobFailed, reason: messageOf(error) };
    told = { ...told, isDirty: await hasBegun(folder) };
    write(`${plainLines(tellingOf(error))}\n`);
  } finally {
    interrupt.dispose();
  }
  const durationMs = performance.now() - startMs;
  const bytes = await folderBytes(folder);
  const summary: PassSummary = { ...base, durationMs, ...outcome, ...told, bytes, kept: "whole" };
  await writeJson(join(folder, "pass.json"), summary);
  return summary;
}

/** Takes away of the passes in a folder what is more than they may leave on the disk. */
export async function keptWithinLimits(folder: string, passes: readonly PassSummary[]): Promise<PassSummary[]> {
  const kept = retained(passes, RETENTION);
  for (const [index, pass] of kept.entries()) {
    if (pass.kept === passes[index]?.kept) continue;
    const own = join(folder, pass.jobId);
    if (pass.kept === "gone") await removeFolder(own);
    else await reduceFolder(own, ["results.json", "pass.json"]);
  }
  return kept;
}

/** Of a pass that broke off in its cases nobody knows what they left. */
const hasBegun = async (folder: string): Promise<boolean> =>
  (await readdir(join(folder, "test-results")).catch((): string[] => [])).length > 0;

/** A defect of ours is told with its stack, what comes from outside in a sentence. */
const tellingOf = (error: unknown): string =>
  error instanceof Error && !(error instanceof HarnessError && error.code !== "internal")
    ? (error.stack ?? error.message)
    : messageOf(error);

type Told = Pick<PassSummary, "counts" | "isDirty" | "isKept">;

function toldOf({ cases, leftovers }: JobResult): Told {
  const isKept = cases.some(({ kept }) => kept !== undefined);
  return {
    counts: countByStatus(cases),
    isDirty: isKept || leftovers.length > 0 || cases.some((result) => result.leftovers.length > 0),
    ...(isKept ? { isKept } : {}),
  };
}
