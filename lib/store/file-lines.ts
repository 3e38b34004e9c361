import { createReadStream } from "node:fs";

const CHUNK_BYTES = 2 ** 20;

/**
 * The lines of a file that may be larger than one wants to hold at once; a file that is not there has none. Only a newline ends a
 * line: `node:readline` ends one at U+2028 too, which stands in JSON as it is.
 */
export async function* fileLines(path: string): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: CHUNK_BYTES })) {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  if (rest !== "") yield rest;
}
