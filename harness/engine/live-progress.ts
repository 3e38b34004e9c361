import type { Move } from "../../lib/model/plan.js";
import { askProgress } from "./ask-progress.js";
import type { CaseContext } from "./context.js";
import { startThroughputLog } from "./throughput-lines.js";

const EVERY_MS = 1_000;

/**
 * Tells every five seconds how a migration goes on, as a line for the job's log.
 * @returns the way to stop
 */
export function tellThroughput(ctx: CaseContext, leg: number, move: Move): () => void {
  const { guest } = move;
  const ask = () => askProgress(ctx, leg, move);
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
export function tellRemaining(ctx: CaseContext, leg: number, move: Move): () => void {
  if (!ctx.live) return () => undefined;
  const { guest } = move;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const info = await askProgress(ctx, leg, move).catch(() => undefined);
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
