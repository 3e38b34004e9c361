import { join, resolve } from "node:path";
import type { JobRecord } from "../../lib/model/job.js";
import { makeFolder } from "../../lib/store/artifacts.js";
import { shrinkFolderName } from "../../lib/store/layout.js";
import { interruptible } from "../engine/interrupt.js";
import { failedCase } from "./failed-case.js";
import { type KnownRuns, readKnownRuns } from "./known-runs.js";
import { changesSince, whereOf } from "./replay.js";
import { newJobKey, type RunOptions } from "./run.js";
import { shrinkCase } from "./shrink-case.js";
import { runsOf } from "./shrink-runs.js";

export interface ShrinkOptions extends Pick<RunOptions, "inventory" | "lab" | "memory" | "hosts"> {
  readonly resultsDir: string;
  readonly id: string;
  /** Of the case as it is, and once more of the smallest one. */
  readonly runs: number;
  /** Of something smaller, before it is left out, at most. */
  readonly maxRuns: number;
  /** Milliseconds after which nothing further is tried. */
  readonly for?: number;
  /** Folder of an earlier search for the same failure, whose runs count. */
  readonly continue?: string;
}

type Write = (text: string) => void;

/**
 * Makes a case of an earlier job smaller as long as it still fails as it did then, on the hosts of that job or on others.
 * @returns the exit code: 0 when the smallest case failed again, 2 when the failure could not be had again or a run could not
 *   be done, 8 when it was interrupted
 * @throws HarnessError `bad-input` for a folder that is no job's, an id that it does not have, and a case that did not fail
 */
export async function shrink(dir: string, options: ShrinkOptions, write: Write): Promise<number> {
  const failed = await failedCase(resolve(dir), options.id);
  const known = options.continue === undefined ? undefined : await readKnownRuns(options.continue, failed);
  const interrupt = interruptible((line) => write(`\n${line}\n`));
  try {
    const key = newJobKey();
    return await whereOf(failed.job, options, key, write, async (where) => {
      const hosts = options.hosts ?? (where.inventory === failed.job.inventory ? failed.job.hosts : undefined);
      const startedAt = new Date();
      const shrinkId = shrinkFolderName(startedAt, key);
      const folder = resolve(options.resultsDir, shrinkId);
      await makeFolder(folder);
      const runs = runsOf({
        ...{ where, folder, signal: interrupt.signal, seed: failed.job.seed, wanted: failed.signature },
        longestMs: longestOf(known),
        options: { resultsDir: options.resultsDir, ...(hosts === undefined ? {} : { hosts }) },
        write: liveOnly(write),
        // A lab that was brought up for this has the shrink's key in its names.
        onFirst: (result) => {
          for (const line of changesSince(failed.plan, { ...result, jobId: shrinkId })) write(`${line}\n`);
        },
      });
      return shrinkCase({
        ...{ failed, runs, folder, shrinkId, startedAt, write, signal: interrupt.signal },
        ...{
          repeats: options.runs,
          maxRuns: options.maxRuns,
          command: runCommand(failed.job, { ...options, hosts }, folder),
        },
        ...(options.for === undefined ? {} : { forMs: options.for }),
        ...(known === undefined ? {} : { known }),
      });
    });
  } finally {
    interrupt.dispose();
  }
}

const longestOf = (known: KnownRuns = new Map()): number =>
  [...known.values()]
    .flat()
    .reduce((most, { outcome, durationMs = 0 }) => (outcome === "same" ? Math.max(most, durationMs) : most), 0);

type Place = Pick<ShrinkOptions, "lab" | "memory" | "inventory"> & {
  readonly hosts: ShrinkOptions["hosts"] | undefined;
};

/** How the smallest case is run, on the same hosts, or on another lab where those were of one. */
export function runCommand(job: Pick<JobRecord, "argv" | "lab">, place: Place, folder: string): string[] {
  const { memory, inventory, hosts } = place;
  const run = ["npx", "migstorm", "run", join(folder, "shrunk.yaml")];
  if (place.lab === true || (inventory === undefined && job.lab !== undefined))
    return [...run, "--lab", ...(memory === undefined ? [] : ["--memory", String(memory)])];
  return [
    ...[...run, "--inventory", inventory ?? inventoryOf(job.argv) ?? "cfg/inventory.yaml"],
    ...(hosts === undefined ? [] : ["--hosts", hosts.join(",")]),
  ];
}

/** The last one counts, in either way to write it. */
function inventoryOf(argv: readonly string[]): string | undefined {
  const files = argv.flatMap((word, index) => {
    if (word.startsWith("--inventory=")) return [word.slice("--inventory=".length)];
    return word === "--inventory" ? argv.slice(index + 1, index + 2) : [];
  });
  return files.at(-1);
}

/** Of a run's own output what lives on a terminal, and in a log what says once a minute that it goes on. */
const liveOnly =
  (write: Write): Write =>
  (text) => {
    if (!text.endsWith("\n") || /^ \(1\/1\) .* \| /.test(text)) write(text);
  };
