import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { HarnessError, messageOf } from "../../lib/errors.js";
import { plainLines, plainText } from "../../lib/model/plain-text.js";
import { quote } from "../../lib/transport/quote.js";
import { EXIT } from "../exit-code.js";
import { changedNames } from "../machines.js";
import { type Recovery, readJob, recoverJob } from "../recover.js";
import { didYouMean } from "../suggest.js";
import { secret } from "./execute.js";

type Write = (text: string) => void;

export interface RecoverVerbOptions {
  readonly resultsDir: string;
  /** Machines that will never come back. */
  readonly giveUp?: readonly string[];
  /** Also what is kept to be looked at. */
  readonly isRelease?: boolean;
}

/**
 * Puts hosts back after a crash: of one job, or of every job of a results folder. @returns the exit code
 * @throws HarnessError `bad-input` when no job has a machine that is to be given up
 */
export async function recover(
  folder: string | undefined,
  { resultsDir, giveUp = [], isRelease = false }: RecoverVerbOptions,
  write: Write,
): Promise<number> {
  const folders = folder === undefined ? await jobFolders(resultsDir) : await jobsAt(resolve(folder));
  if (folders.length === 0) write(`there is no job in ${resultsDir}\n`);
  await mustBeKnown(folders, giveUp);
  let code: number = EXIT.ok;
  let isTold = false;
  const tells: Write = (text) => {
    isTold = true;
    write(text);
  };
  const isAlone = folder !== undefined && folders.length === 1;
  for (const one of folders) code |= await recoverOne(one, { isAlone, giveUp, isRelease }, tells);
  if (!isTold && folders.length > 0) write("nothing was left to put back\n");
  if (folder !== undefined && folders.length > 1) write(`${folders.length} passes were looked at\n`);
  return code;
}

/** A name that is mistyped must not pass for a machine that was given up. */
async function mustBeKnown(folders: readonly string[], giveUp: readonly string[]): Promise<void> {
  if (giveUp.length === 0) return;
  const names = await Promise.all(folders.map((folder) => readJob(folder).then(changedNames, (): string[] => [])));
  const known = new Set(names.flat());
  const unknown = giveUp.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new HarnessError(
      "bad-input",
      `no job uses ${unknown.map((name) => `${name}${didYouMean(name, known)}`).join(", ")}; machines: ${[...known].join(", ")}`,
    );
}

interface One {
  readonly isAlone: boolean;
  readonly giveUp: readonly string[];
  readonly isRelease: boolean;
}

/** Of many jobs, one that cannot be recovered does not keep the others from it. */
async function recoverOne(folder: string, { isAlone, giveUp, isRelease }: One, write: Write): Promise<number> {
  try {
    const recovery = await recoverJob(folder, { secret, say: (line) => write(`${line}\n`), giveUp, isRelease });
    if (isAlone || !recovery.wasClean) tell(recovery, `${isRelease ? "release" : "recover"} ${quote(folder)}`, write);
    return recovery.leftovers.length === 0 ? EXIT.ok : EXIT.jobFailed;
  } catch (error) {
    if (isAlone) throw error;
    write(`${folder}: ${plainLines(messageOf(error))}\n`);
    return EXIT.jobFailed;
  }
}

function tell({ jobId, note, undone, givenUp, leftovers, unreached }: Recovery, again: string, write: Write): void {
  if (note !== undefined) {
    write(`${jobId}: ${note}\n`);
    return;
  }
  const lines = [
    ...undone.map((what) => `taken back: ${what}`),
    ...givenUp.map((what) => `given up: ${what}`),
    ...leftovers.map((what) => `NOT UNDONE: ${what}`),
  ];
  for (const line of lines) write(`  ${plainText(line)}\n`);
  const lost = givenUp.length > 0 ? `, ${givenUp.length} given up` : "";
  write(`${jobId}: ${undone.length} changes taken back, ${leftovers.length} left${lost}\n`);
  const names = unreached.map((name) => ` --give-up ${name}`).join("");
  if (names !== "") write(`A machine that never comes back can be given up: migstorm ${again}${names}\n`);
}

async function jobFolders(resultsDir: string): Promise<string[]> {
  const names = (await readdir(resultsDir).catch((): string[] => [])).sort();
  const jobs = names.filter((name) => name.startsWith("job-")).map((name) => resolve(join(resultsDir, name)));
  const many = names.filter((name) => /^(?:soak|shrink)-/.test(name)).map((name) => jobsIn(resolve(resultsDir, name)));
  return [...jobs, ...(await Promise.all(many)).flat()];
}

/** The folder of a job, or of a soak or a shrink with jobs inside. */
export async function jobsAt(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.some((name) => name === "soak.json" || name === "shrink.json") ? jobsIn(folder) : [folder];
}

/** Passes of a soak that are there in full; of the others only results are left, and they had nothing to put back. */
async function jobsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith("job-")).sort();
  const isWhole = await Promise.all(
    names.map(async (name) => (await readdir(join(folder, name))).includes("job.json")),
  );
  return names.filter((_, index) => isWhole[index]).map((name) => join(folder, name));
}
