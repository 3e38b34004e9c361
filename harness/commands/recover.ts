import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { messageOf } from "../../lib/errors.js";
import { plainLines, plainText } from "../../lib/model/plain-text.js";
import { EXIT } from "../exit-code.js";
import { recoverJob } from "../recover.js";
import { secret } from "./execute.js";

type Write = (text: string) => void;

/** Puts hosts back after a crash: of one job, or of every job of a results folder. @returns the exit code */
export async function recover(
  folder: string | undefined,
  { resultsDir }: { readonly resultsDir: string },
  write: Write,
): Promise<number> {
  const folders = folder === undefined ? await jobFolders(resultsDir) : [resolve(folder)];
  if (folders.length === 0) write(`there is no job in ${resultsDir}\n`);
  let code: number = EXIT.ok;
  for (const one of folders) code |= await recoverOne(one, folder !== undefined, write);
  return code;
}

/** Of many jobs, one that cannot be recovered does not keep the others from it. */
async function recoverOne(folder: string, alone: boolean, write: Write): Promise<number> {
  try {
    const { jobId, undone, leftovers, wasClean } = await recoverJob(folder, secret, (line) => write(`${line}\n`));
    for (const what of undone) write(plainText(`  taken back: ${what}`).concat("\n"));
    for (const what of leftovers) write(plainText(`  NOT UNDONE: ${what}`).concat("\n"));
    if (!wasClean) write(`${jobId}: ${undone.length} changes taken back, ${leftovers.length} left\n`);
    else if (alone) write(`${jobId}: ended by itself, nothing to put back\n`);
    return leftovers.length === 0 ? EXIT.ok : EXIT.jobFailed;
  } catch (error) {
    if (alone) throw error;
    write(`${folder}: ${plainLines(messageOf(error))}\n`);
    return EXIT.jobFailed;
  }
}

async function jobFolders(resultsDir: string): Promise<string[]> {
  const names = await readdir(resultsDir).catch((): string[] => []);
  return names
    .filter((name) => name.startsWith("job-"))
    .sort()
    .map((name) => resolve(join(resultsDir, name)));
}
