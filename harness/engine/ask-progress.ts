import type { JobInfo } from "../../lib/libvirt/job-stats.js";
import { jobInfo } from "../../lib/libvirt/virsh.js";
import type { Move } from "../../lib/model/plan.js";
import { addProgress } from "../../lib/model/progress.js";
import { type CaseContext, hostOf } from "./context.js";

/**
 * Asks libvirt on the source how a migration goes on, for whoever needs it now, and keeps the answer for the report: nothing
 * is asked for the report alone, since every question costs the migration beside it.
 */
export async function askProgress(ctx: CaseContext, leg: number, { guest, from }: Move): Promise<JobInfo> {
  const { host, remote } = hostOf(ctx, from);
  const info = await jobInfo(remote.run, host.connectUri, guest);
  const key = `${leg} ${guest}`;
  const { progress } = ctx.state;
  // Of a job that is over by now the figures say nothing of this moment.
  const isRunning = info.type === "bounded" || info.type === "unbounded";
  if (isRunning)
    progress.set(key, addProgress(progress.get(key) ?? { leg, guest, points: [] }, ctx.nowMs(), info.stats));
  return info;
}
