import { HarnessError } from "../../lib/errors.js";
import { neighbourRetryMs } from "../../lib/net/neighbour.js";
import { parsePingLine, pingStream } from "../../lib/net/ping.js";
import { until } from "../../lib/poll.js";
import type { CaseContext } from "./context.js";

const PING_MS = 50;

/**
 * As long as nobody knows where an address is, the kernel asks for it once a second, and pings wait.
 * @returns until when there was no answer without doubt; undefined when the very first ping was answered at once, wherever that
 * answer was held up on the way to us: it may have been up for long. One that took its second to be answered waited in the kernel.
 */
export async function firstPing(
  { observer, state, plan, nowMs }: CaseContext,
  address: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const retry = neighbourRetryMs(observer.run, address);
  let isOver = false;
  let first: { readonly sequence: number; readonly tookMs: number; readonly atMs: number } | undefined;
  const running = await observer.start(pingStream(state.pinger, address, PING_MS), (text) => {
    const line = parsePingLine(text);
    if (line?.kind === "answer") first ??= { ...line, atMs: nowMs() };
  });
  void running.ended.then(() => {
    isOver = true;
  });
  const hasAnswered = async (): Promise<boolean> => {
    if (isOver && first === undefined)
      throw new HarnessError("unreachable", `the pings of ${address} ended by themselves`);
    return first !== undefined;
  };
  try {
    await until(hasAnswered, {
      everyMs: PING_MS,
      timeoutMs: plan.case.params.limits.boot,
      signal,
      what: `${address} to answer a ping`,
    });
  } finally {
    await running.stop();
  }
  const resolvedMs = (await retry) + 2 * PING_MS;
  // fping counts from 0, iputils from 1.
  if (first === undefined || (first.sequence <= 1 && first.tookMs < resolvedMs)) return undefined;
  return first.atMs - resolvedMs;
}
