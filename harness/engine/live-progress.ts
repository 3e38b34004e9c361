import { jobInfo } from "../../lib/libvirt/virsh.js";
import type { Move } from "../../lib/model/plan.js";
import { type CaseContext, hostOf } from "./context.js";
import { startThroughputLog } from "./throughput-lines.js";

const EVERY_MS = 1_000;

/**
 * Tells every five seconds how a migration goes on, as a line for the job's log.
 * @returns the way to stop
 */
export function tellThroughput(ctx: CaseContext, leg: number, { guest, from }: Move): () => void {
  const { host, remote } = hostOf(ctx, from);
  const ask = () => jobInfo(remote.run, host.connectUri, guest);
  const stop = startThroughputLog({ ask, nowMs: ctx.nowMs }, (line) =>
    ctx.emit({ type: "throughput", caseId: ctx.plan.case.id, leg, guest, line }),
  );
  return () => void stop();
}

/**
 * Tells once a second how much memory of a guest is still to be copied, where somebody looks. A question that fails says
 * nothing: the migration may just have ended.
 * @returns the way to stop
 */
export function tellRemaining(ctx: CaseContext, leg: number, { guest, from }: Move): () => void {
  if (!ctx.live) return () => undefined;
  const { host, remote } = hostOf(ctx, from);
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const info = await jobInfo(remote.run, host.connectUri, guest).catch(() => undefined);
    isAsking = false;
    const { memoryRemainingBytes, memoryTotalBytes } = info?.stats ?? {};
    ctx.progress({
      caseId: ctx.plan.case.id,
      phase: `leg ${leg}`,
      guest,
      ...(memoryRemainingBytes === undefined ? {} : { remainingBytes: memoryRemainingBytes }),
      ...(memoryTotalBytes === undefined ? {} : { totalBytes: memoryTotalBytes }),
    });
  };
  const timer = setInterval(() => void ask(), EVERY_MS);
  return () => clearInterval(timer);
}
