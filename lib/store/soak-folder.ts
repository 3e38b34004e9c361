import { appendFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Size of everything in a folder, in bytes. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Takes everything out of a job's folder but these files. Its `job.json` first: without it, it is no job any more. */
export async function reduceFolder(folder: string, keep: readonly string[]): Promise<void> {
  await rm(join(folder, "job.json"), { force: true });
  for (const name of await readdir(folder))
    if (!keep.includes(name)) await rm(join(folder, name), { recursive: true, force: true });
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** Adds a line to a file of JSON lines. */
export const appendJson = (path: string, value: unknown): Promise<void> =>
  appendFile(path, `${JSON.stringify(value)}\n`);
