/** A batch is handed on at this size, or this long after its first bytes came. */
const BATCH_BYTES = 128 * 1024;
const BATCH_MS = 1_000;

export interface Batches {
  /** A promise only where the taker has to be waited for. */
  readonly push: (chunk: Buffer) => void | Promise<void>;
  /** Hands on what is left, and waits until all is taken. */
  readonly end: () => Promise<void>;
}

/** Puts small chunks together: to hand one on wakes a thread and a process, which costs more than its bytes. */
export function batches(take: (batch: Buffer) => Promise<void>, latestMs = BATCH_MS): Batches {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (heldBytes === 0) return last;
    const batch = Buffer.concat(held, heldBytes);
    held = [];
    heldBytes = 0;
    last = last.then(() => take(batch));
    return last;
  };
  return {
    push: (chunk) => {
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes >= BATCH_BYTES) return flush();
      timer ??= setTimeout(() => void flush().catch(() => undefined), latestMs);
      return undefined;
    },
    end: flush,
  };
}
