import type { Readable } from "node:stream";
import { splitLines } from "./lines.js";

/** Where the output of a lasting program goes. `done` resolves once all of it has been handed over. */
export type Sink = (output: Readable) => { readonly done: Promise<void> };

/** Line by line, as it comes. The rest without a line end is told by `done` being asked for after the end. */
export const linesTo =
  (onLine: (line: string) => void): Sink =>
  (output) => {
    const lines = splitLines(onLine);
    output.on("data", lines.push);
    return { done: over(output).then(lines.end) };
  };

/** Chunk by chunk; the next is not read before the promise for the last one is settled. */
export const bytesTo =
  (onData: (chunk: Buffer) => void | Promise<void>): Sink =>
  (output) => {
    let last: Promise<void> = Promise.resolve();
    output.on("data", (chunk: Buffer) => {
      const taken = onData(chunk);
      if (taken === undefined) return;
      output.pause();
      last = taken.finally(() => output.resume());
    });
    return { done: over(output).then(() => last) };
  };

/** Also one that was cut off. What it had not handed over then is lost. */
const over = (output: Readable): Promise<void> =>
  new Promise((resolve) => {
    for (const event of ["end", "close"]) output.once(event, resolve);
  });
