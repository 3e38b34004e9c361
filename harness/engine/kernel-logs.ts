import { messageOf } from "../../lib/errors.js";
import { joined, kernelLogSince } from "../../lib/host/kernel-log.js";
import type { KernelLog } from "../../lib/model/check.js";
import { loadsOf } from "../../lib/model/loads.js";
import { until } from "../../lib/poll.js";
import type { Run } from "../../lib/transport/transport.js";
import { type CaseContext, hostOf } from "./context.js";
import { asPoll } from "./recorded.js";

/**
 * Reads on in the kernel logs of both hosts where stress on them may make the kernel talk: each strike of the OOM killer takes
 * a hundred lines, and what stays unread until the end of the case may have been overwritten by then.
 */
export async function keepKernelLogs(ctx: CaseContext): Promise<void> {
  if (!loadsOf(ctx.plan.case.params).some(({ on }) => on !== "guests")) return;
  await Promise.all([...ctx.hosts.keys()].map((name) => readKernelLog(ctx, name)));
}

/**
 * Of a shortage the OOM killer may tell ten times in five seconds (`oom_rs` in mm/oom_kill.c), each time with a row for every
 * process: a log of 128 KiB has room for two to five reports of a host with hundreds. To read one takes its host seven milliseconds
 * of CPU time. A larger one takes more, and lasts longer: it is read less often.
 */
const FOLLOW = { leastMs: 1_000, mostMs: 5_000, bytesPerS: 128 * 1024 };

/** @param bytes what all of the log came to when it was last read */
export const followPauseMs = (bytes = 0): number =>
  Math.min(FOLLOW.mostMs, Math.max(FOLLOW.leastMs, (bytes / FOLLOW.bytesPerS) * 1000));

/** Reads on for as long as a load makes memory short, until `state.stopBoots` is called: a leg may take longer than a log lasts. */
export function followKernelLogs(ctx: CaseContext): void {
  if (!loadsOf(ctx.plan.case.params).some(({ hostMemory }) => hostMemory === "short")) return;
  const stop = new AbortController();
  const follow = (name: string): Promise<false> => {
    const readOn = async (): Promise<false> => {
      await readKernelLog(ctx, name, asPoll);
      return false;
    };
    const everyMs = (): number => followPauseMs(ctx.state.hosts.get(name)?.kernelLogBytes);
    const patience = { everyMs, timeoutMs: Number.POSITIVE_INFINITY, signal: stop.signal };
    return until(readOn, { ...patience, what: "the case to end" });
  };
  // Each ends with the signal alone.
  const following = Promise.allSettled([...ctx.hosts.keys()].map(follow));
  ctx.state.stopBoots.push(async () => {
    stop.abort(new Error("the kernel logs are not followed any more"));
    await following;
  });
}

/**
 * All that the kernel of a host has said since the case began. Never rejects: what cannot be read is `lost`. Whoever asks
 * while it is read goes on where that ends: a line that two have read would be there twice.
 */
export function readKernelLog(ctx: CaseContext, name: string, how: How = (run) => run): Promise<KernelLog> {
  const state = ctx.state.hosts.get(name);
  if (state === undefined) return readOnce(ctx, name, how);
  state.reading = (state.reading ?? Promise.resolve()).then(() => readOnce(ctx, name, how));
  return state.reading;
}

type How = (run: Run) => Run;

async function readOnce(ctx: CaseContext, name: string, how: How): Promise<KernelLog> {
  const state = ctx.state.hosts.get(name);
  if (state?.kernelMark === undefined) return { lost: "it was not looked at before the case" };
  const { remote } = hostOf(ctx, name);
  try {
    const { log, mark, bytes } = await kernelLogSince(how(remote.run), state.kernelMark, ctx.nowMs);
    state.kernelMark = mark;
    state.kernelLogBytes = bytes;
    state.kernelLog = joined(state.kernelLog, log);
    return state.kernelLog;
  } catch (error) {
    return { lost: messageOf(error) };
  }
}
