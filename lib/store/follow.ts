import { watch } from "node:fs";
import { dirname } from "node:path";
import { openTail, type TailOptions } from "./tail.js";

export interface FollowOptions extends TailOptions {
  /** Told after each reading that brought lines, or a restart. */
  readonly onNews: () => void;
  readonly pollMs?: number;
}

export interface Follower {
  /** Reads what is there now, to its end. Never rejects: what cannot be read now may be read next time. */
  readonly catchUp: () => Promise<void>;
  readonly close: () => void;
}

const POLL_MS = 1_000;

/**
 * Tells the lines of a file as they are written, by whichever process: the kernel says when there is something, and where it
 * does not (NFS), the file is looked at every second. Keeps no process from ending.
 */
export function follow(path: string, { onNews, pollMs = POLL_MS, ...options }: FollowOptions): Follower {
  let hasNews = false;
  let isClosed = false;
  const tail = openTail(path, {
    ...options,
    onLine: (line, endBytes) => {
      if (isClosed) return;
      hasNews = true;
      options.onLine(line, endBytes);
    },
    onRestart: () => {
      hasNews = true;
      options.onRestart();
    },
  });
  const readOnce = async (): Promise<void> => {
    await tail().catch(() => undefined);
    if (!hasNews || isClosed) return;
    hasNews = false;
    onNews();
  };
  let reading: Promise<void> | undefined;
  let isAskedAgain = false;
  const read = async (): Promise<void> => {
    do {
      isAskedAgain = false;
      await readOnce();
    } while (isAskedAgain && !isClosed);
  };
  const catchUp = (): Promise<void> => {
    isAskedAgain = true;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const stopWatching = watched(dirname(path), () => void catchUp());
  const polling = setInterval(() => void catchUp(), pollMs).unref();
  void catchUp();
  return {
    catchUp,
    close: () => {
      isClosed = true;
      clearInterval(polling);
      stopWatching();
    },
  };
}

/** The folder and not the file, which may not be there yet. Without a watch there is still the poll. */
function watched(folder: string, onChange: () => void): () => void {
  try {
    const watcher = watch(folder, { persistent: false }, onChange);
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}
