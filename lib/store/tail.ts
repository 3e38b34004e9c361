import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

export interface TailOptions {
  /** @param endBytes where the line ends in the file */
  readonly onLine: (line: string, endBytes: number) => void;
  /** The file is shorter than what was read of it, or another one: what was told so far no longer holds. */
  readonly onRestart: () => void;
  /** A longer line is passed over: no file makes the reader take more memory than this. */
  readonly maxLineBytes?: number;
}

const CHUNK_BYTES = 65_536;
const MAX_LINE_BYTES = 16 * 2 ** 20;
/** A log is no link to somewhere else, and no pipe to wait for. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const LINE_END = 0x0a;

/**
 * Reads a file of lines that another process writes. A line is told when its end is there; what is cut off waits for the
 * next call. A file that is not there yet has no lines.
 * @returns reads what is new; not to be called again before it has resolved. Rejects when the file cannot be read.
 */
export function openTail(path: string, options: TailOptions): () => Promise<void> {
  const { onLine, onRestart, maxLineBytes = MAX_LINE_BYTES } = options;
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let inode: number | undefined;
  let offset = 0;
  let cut: Buffer[] = [];
  let cutBytes = 0;
  const restart = (): void => {
    offset = 0;
    cut = [];
    cutBytes = 0;
    onRestart();
  };
  const keep = (piece: Buffer): void => {
    cutBytes += piece.length;
    if (cutBytes > maxLineBytes) cut = [];
    else if (piece.length > 0) cut.push(Buffer.from(piece));
  };
  const take = (bytes: Buffer): void => {
    let from = 0;
    for (let end = bytes.indexOf(LINE_END); end !== -1; end = bytes.indexOf(LINE_END, from)) {
      keep(bytes.subarray(from, end));
      const line = cutBytes > maxLineBytes ? "" : Buffer.concat(cut).toString("utf8");
      cut = [];
      cutBytes = 0;
      from = end + 1;
      if (line !== "") onLine(line, offset + from);
    }
    keep(bytes.subarray(from));
    offset += bytes.length;
  };
  return async () => {
    const file = await open(path, FLAGS).catch(noFile);
    if (file === undefined) {
      if (offset > 0) restart();
      return;
    }
    try {
      const { ino, size } = await file.stat();
      if (size < offset || (inode !== undefined && ino !== inode)) restart();
      inode = ino;
      await readOn(file, chunk, () => offset, take);
    } finally {
      await file.close();
    }
  };
}

async function readOn(file: FileHandle, chunk: Buffer, at: () => number, take: (bytes: Buffer) => void): Promise<void> {
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at());
    if (bytesRead === 0) return;
    take(chunk.subarray(0, bytesRead));
  }
}

const noFile = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
};
