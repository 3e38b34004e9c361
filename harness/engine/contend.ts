import type { Move } from "../../lib/model/plan.js";
import { startBulkTraffic } from "../../lib/net/bulk-traffic.js";
import { type CaseContext, hostOf } from "./context.js";

/**
 * In the second half of the legs of a case that asks for it, other traffic goes the way of the migrations.
 * @returns the way to end it; undefined: there is none in this leg
 */
export async function contend(
  ctx: CaseContext,
  { number, moves }: { readonly number: number; readonly moves: readonly Move[] },
  signal: AbortSignal,
): Promise<(() => Promise<void>) | undefined> {
  const { classes, movement } = ctx.plan.case.params;
  if (!classes.competing || number <= movement.rounds) return undefined;
  const ways = new Map(moves.map(({ from, to }) => [`${from} ${to}`, { from, to }]));
  const started = await Promise.allSettled(
    [...ways.values()].map(({ from, to }) => {
      const target = hostOf(ctx, to);
      const address = classes.on === "migration" ? target.host.migrationAddress : new URL(target.host.peerUri).hostname;
      return startBulkTraffic(hostOf(ctx, from).remote, target.remote, address ?? to, signal);
    }),
  );
  const end = async (): Promise<void> => {
    await Promise.all(started.map((one) => (one.status === "fulfilled" ? one.value() : undefined)));
  };
  const failed = started.find((one) => one.status === "rejected");
  if (failed === undefined) return end;
  await end();
  throw failed.reason;
}
