import { constants } from "node:fs";
import { type FileHandle, open, readlink, realpath } from "node:fs/promises";
import { join, sep } from "node:path";

/**
 * Opens what a stranger asks for below a folder, for reading. Where it really lies is asked of the open file and not of the
 * path, so that no link, and no folder that is exchanged meanwhile, leads out of it.
 * @param parts names, from the folder downwards; none is the folder itself
 * @returns absent: it is not there, not to be read, or not inside. The caller closes it.
 */
export async function openInside(root: string, parts: readonly string[]): Promise<FileHandle | undefined> {
  if (!parts.every(isName)) return undefined;
  const file = await open(join(root, ...parts), constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const [there, folder] = await Promise.all([readlink(`/proc/self/fd/${file.fd}`), realpath(root)]);
    const stat = await file.stat();
    const isInside = there === folder || there.startsWith(folder === sep ? sep : `${folder}${sep}`);
    if (isInside && (stat.isFile() || stat.isDirectory())) return file;
  } catch {
    // Gone in between: as good as never there.
  }
  await file.close();
  return undefined;
}

/** A name of one entry of a folder, and none of the two that lead elsewhere. */
const isName = (part: string): boolean =>
  part !== "" && part !== "." && part !== ".." && part.length <= 255 && !/[/\\\0]/.test(part);
