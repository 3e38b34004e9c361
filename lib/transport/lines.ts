import { StringDecoder } from "node:string_decoder";

const MAX_LINE_CHARS = 64 * 1024;

export interface LineSplitter {
  readonly push: (chunk: Buffer) => void;
  /** Hands over a last line that has no line end. */
  readonly end: () => void;
}

/** Cuts a stream of bytes into lines: UTF-8 across chunks, CR at the end stripped, what is past 64 KiB dropped. */
export function splitLines(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const add = (text: string): void => {
    if (rest.length < MAX_LINE_CHARS) rest += text.slice(0, MAX_LINE_CHARS - rest.length);
  };
  const flush = (): void => {
    onLine(rest.endsWith("\r") ? rest.slice(0, -1) : rest);
    rest = "";
  };
  const take = (text: string): void => {
    const [first = "", ...others] = text.split("\n");
    add(first);
    for (const part of others) {
      flush();
      add(part);
    }
  };
  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (rest !== "") flush();
    },
  };
}
