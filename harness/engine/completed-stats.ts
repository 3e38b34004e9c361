import { completedJobStats } from "../../lib/libvirt/virsh.js";
import type { JobStats } from "../../lib/model/migration.js";
import type { Move } from "../../lib/model/plan.js";
import { type CaseContext, hostOf } from "./context.js";

/**
 * libvirt's figures of a migration that was completed: from its event where that has come in, else asked on the target.
 * The event is there at no cost; the question is asked because an event may be late or lost.
 */
export async function completedStats(ctx: CaseContext, { guest, to }: Move): Promise<JobStats | undefined> {
  const told = ctx.state.completed.get(guest);
  if (told?.totalTimeMs !== undefined) return told;
  const { host, remote } = hostOf(ctx, to);
  return (await completedJobStats(remote.run, host.connectUri, guest)).stats;
}
