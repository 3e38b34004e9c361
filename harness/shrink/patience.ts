/** A smaller case is cut off when it takes so many times as long as the longest failure before, and so much beyond. */
const TIMES = 3;
const BEYOND_MS = 60_000;

/**
 * Aborts when a run takes far longer than the failure did: a guest that does not boot, or a migration that never ends without
 * its timeout, would take the time of ten other runs.
 * @param longestMs of the runs in which the failure was seen; 0: nobody knows, and it never aborts
 */
export function patienceFor(longestMs: number): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController();
  if (longestMs === 0) return { signal: controller.signal, dispose: () => undefined };
  const limitMs = longestMs * TIMES + BEYOND_MS;
  const late = (): void =>
    controller.abort(new Error(`it took more than ${Math.round(limitMs / 1000)} s, far longer than before`));
  const timer = setTimeout(late, limitMs);
  return { signal: controller.signal, dispose: () => clearTimeout(timer) };
}
