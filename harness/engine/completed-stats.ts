import { completedJobStats } from "../../lib/libvirt/virsh.js";
import type { JobStats } from "../../lib/model/migration.js";
import type { Move } from "../../lib/model/plan.js";
import { type CaseContext, hostOf } from "./context.js";

/** The event follows the end of virsh by some milliseconds; what has not come by then will not come. */
const EVENT_MS = 3_000;

/**
 * libvirt's figures of a migration that begins now: from the event of the source, and where that does not come, asked on
 * the target. After postcopy only the event has them (libvirt 9.0), and a connection that breaks may lose it.
 * @returns called when virsh has ended well, resolves with the figures as far as they are known
 */
export function awaitStats(ctx: CaseContext, { guest, to }: Move): () => Promise<JobStats | undefined> {
  const { awaited } = ctx.state;
  const told = new Promise<JobStats>((resolve) => awaited.set(guest, resolve));
  return async () => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), EVENT_MS);
    });
    const stats = await Promise.race([told, late]);
    clearTimeout(timer);
    if (stats !== undefined) return stats;
    const { host, remote } = hostOf(ctx, to);
    return (await completedJobStats(remote.run, host.connectUri, guest)).stats;
  };
}
