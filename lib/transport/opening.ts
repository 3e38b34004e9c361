import { HarnessError } from "../errors.js";

/** Who may stop the waiting for a machine to begin something, and how long it may take. */
export interface Opening {
  readonly signal?: AbortSignal | undefined;
  /** Default 30 s. */
  readonly openingMs?: number | undefined;
}

const OPENING_MS = 30_000;

interface Awaited {
  readonly host: string;
  /** For the message: `virsh to start`. */
  readonly what: string;
  /** Called once nobody waits any more; takes back what was begun. */
  readonly giveUp: () => unknown;
}

/**
 * Waits for the first sign of life of something that has no deadline of its own. A server that lets us in and then says
 * nothing would otherwise be waited for without end.
 * @throws HarnessError `unreachable` when time is up; the reason of the signal
 */
export const opened = <T>(
  work: Promise<T>,
  { host, what, giveUp }: Awaited,
  { signal, openingMs = OPENING_MS }: Opening,
): Promise<T> =>
  orStop(work, { ms: openingMs, signal }, () => {
    giveUp();
    return signal?.aborted
      ? signal.reason
      : new HarnessError("unreachable", `${host}: waited ${openingMs / 1000} s for ${what}`, { reason: "opening" });
  });

interface Stop {
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

/** Settles with `work`, or rejects with `why()` once the time is up or the signal aborts; then what comes later is lost. */
export async function orStop<T>(work: Promise<T>, { ms, signal }: Stop, why: () => unknown): Promise<T> {
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(why() as Error);
  });
  const timer = setTimeout(stop, ms);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  try {
    return await Promise.race([work, stopped]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}
