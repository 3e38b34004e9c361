import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those around it. Not with `recursive`: where a folder is there and none can be made in it (`/proc`),
 * Node 20 tries for ever.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(path)).isDirectory()) return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path).catch(unlessThere);
  }
}

/** Somebody else was faster. */
function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

/** Writes a file whole or not at all: beside its place first, then moved there. */
export async function writeText(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  await moved(path, text, (file) => file.datasync());
}

/**
 * The same for what can be made again of what is stored, into a folder that is there: it need not have reached the disk, and
 * waiting for that takes the longest where files are many.
 */
export const writeDerived = (path: string, text: string): Promise<void> => moved(path, text, async () => undefined);

async function moved(path: string, text: string, settle: (file: FileHandle) => Promise<void>): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(beside, "wx");
    try {
      for (let at = 0; at < text.length; ) {
        const end = endOfPart(text, at);
        await file.writeFile(text.slice(at, end));
        at = end;
      }
      await settle(file);
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

const PART_CHARS = 2 ** 20;

/** A text of a hundred megabytes is not to be there a second time as bytes. A pair of surrogates stays together. */
function endOfPart(text: string, start: number): number {
  const end = start + PART_CHARS;
  const isWithinPair = end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  return isWithinPair ? end + 1 : end;
}

export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeText(path, `${JSON.stringify(value, null, 2)}\n`);
