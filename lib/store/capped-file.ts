import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";

/** A file of lines that stops growing. */
export interface CappedFile {
  /** @returns whether there is still room */
  readonly write: (line: string) => boolean;
  /** Waits until all of it is written. @returns why it could not be, if so */
  readonly close: () => Promise<string | undefined>;
}

/** What does not fit is left out, and the last line says so. A disk that is full costs the file, and nothing else. */
export function openCappedFile(path: string, maxBytes: number): CappedFile {
  const file = createWriteStream(path);
  let problem: string | undefined;
  let bytes = 0;
  let isFull = false;
  file.on("error", (error) => {
    problem = error.message;
  });
  return {
    write: (line) => {
      const text = `${line}\n`;
      bytes += Buffer.byteLength(text);
      if (isFull || problem !== undefined) return false;
      isFull = bytes > maxBytes;
      file.write(isFull ? `[cut after ${maxBytes} bytes]\n` : text);
      return !isFull;
    },
    close: async () => {
      file.end();
      await finished(file).catch(() => undefined);
      return problem;
    },
  };
}
