import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

export const makeFolder = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true });
};

/** Writes a file whole or not at all: beside its place first, then moved there. */
export async function writeText(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  const beside = `${path}.${process.pid}.tmp`;
  const file = await open(beside, "w");
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}

export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeText(path, `${JSON.stringify(value, null, 2)}\n`);
