import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HarnessError } from "../../lib/errors.js";

/** Runs some work on a file with this content, in a folder that is gone afterwards. */
export async function withFile<T>(content: string | Uint8Array, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "migstorm-test-"));
  try {
    const path = join(folder, "file.yaml");
    await writeFile(path, content);
    return await work(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a `bad-input` error tells of a file with this content, each problem's first line without the folder. */
export const refusal = (content: string | Uint8Array, work: (path: string) => Promise<unknown>): Promise<string[]> =>
  withFile(content, async (path) => {
    try {
      await work(path);
    } catch (error) {
      if (!(error instanceof HarnessError) || error.code !== "bad-input") throw error;
      return (error.details.problems as string[]).map(
        (problem) => problem.replaceAll(path, "file.yaml").split("\n")[0] ?? "",
      );
    }
    throw new Error("the file was accepted");
  });
