import { randomFrom } from "../random.js";

/** A new seed for each pass, and the same ones for the same seed of the soak. */
export const passSeed = (seed: number, pass: number): number =>
  Math.floor(randomFrom((seed + Math.imul(pass, 0x9e3779b1)) >>> 0)() * 2 ** 32);

/** A pass that was begun has one case at least: an empty one would say that nothing ran. */
export function afterTheFirst(reason: () => string | undefined): () => string | undefined {
  let hasBegun = false;
  return () => {
    const told = hasBegun ? reason() : undefined;
    hasBegun = true;
    return told;
  };
}

/** What listens to a pass's signal goes with the pass, and does not pile up on that of the soak. */
export function linked(signal: AbortSignal): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController();
  const pass = (): void => controller.abort(signal.reason);
  if (signal.aborted) pass();
  signal.addEventListener("abort", pass, { once: true });
  return { signal: controller.signal, dispose: () => signal.removeEventListener("abort", pass) };
}
