import { messageOf } from "../../lib/errors.js";
import { joined, kernelLogSince } from "../../lib/host/kernel-log.js";
import type { KernelLog } from "../../lib/model/check.js";
import { loadsOf } from "../../lib/model/loads.js";
import { type CaseContext, hostOf } from "./context.js";

/**
 * Reads on in the kernel logs of both hosts where stress on them may make the kernel talk: each strike of the OOM killer takes
 * a hundred lines, and what stays unread until the end of the case may have been overwritten by then.
 */
export async function keepKernelLogs(ctx: CaseContext): Promise<void> {
  if (!loadsOf(ctx.plan.case.params).some(({ on }) => on !== "guests")) return;
  await Promise.all([...ctx.hosts.keys()].map((name) => readKernelLog(ctx, name)));
}

/** All that the kernel of a host has said since the case began. Never rejects: what cannot be read is `lost`. */
export async function readKernelLog(ctx: CaseContext, name: string): Promise<KernelLog> {
  const state = ctx.state.hosts.get(name);
  if (state?.kernelMark === undefined) return { lost: "it was not looked at before the case" };
  const { remote } = hostOf(ctx, name);
  try {
    const { log, mark } = await kernelLogSince(remote.run, state.kernelMark, ctx.nowMs);
    state.kernelMark = mark;
    state.kernelLog = joined(state.kernelLog, log);
    return state.kernelLog;
  } catch (error) {
    return { lost: messageOf(error) };
  }
}
