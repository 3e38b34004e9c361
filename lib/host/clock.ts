import type { Run } from "../transport/transport.js";

/** How far a machine's clock is ahead of this one's, at least and at most, ms: what lies between is the way there and back. */
export interface ClockOffset {
  readonly atLeastMs: number;
  readonly atMostMs: number;
}

/** Asks for the time. Undefined when there is no answer that can be read. */
export async function clockOffset(run: Run, timeoutMs: number, nowMs: () => number): Promise<ClockOffset | undefined> {
  const sentMs = nowMs();
  const { exitCode, stdout } = await run({ file: "date", args: ["+%s.%N"], timeoutMs });
  const gotMs = nowMs();
  const there = exitCode === 0 ? /^(\d{9,11})\.(\d{3})/.exec(stdout) : null;
  if (there === null) return undefined;
  const thereMs = Number(there[1]) * 1000 + Number(there[2]);
  return { atLeastMs: thereMs - gotMs, atMostMs: thereMs + 1 - sentMs };
}

/** How far two clocks are apart for certain, ms; 0 when they may be the same. */
export const apartMs = (a: ClockOffset, b: ClockOffset): number =>
  Math.max(0, a.atLeastMs - b.atMostMs, b.atLeastMs - a.atMostMs);

/** Where the answer took longer than this, nothing that it says is of use. */
const MAX_UNSURE_MS = 1_000;

/** A time of that clock in ours, ms, good to half of `MAX_UNSURE_MS`; undefined where it is known less well. */
export function ourMs(thereMs: number, { atLeastMs, atMostMs }: ClockOffset): number | undefined {
  return atMostMs - atLeastMs > MAX_UNSURE_MS ? undefined : Math.round(thereMs - (atLeastMs + atMostMs) / 2);
}
