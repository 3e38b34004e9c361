import { startPostcopy } from "../../lib/libvirt/virsh.js";
import type { MigrationOptions } from "../../lib/model/params.js";
import type { Move } from "../../lib/model/plan.js";
import { until } from "../../lib/poll.js";
import { type CaseContext, hostOf } from "./context.js";

const ASK_EVERY_MS = 250;

/**
 * Has a migration switch to postcopy at its timeout, where its options say so. virsh does it too, but asks only once: on a
 * starved host the memory is not on its way by then, and the switch would never come. To be called at the start; returns
 * what ends the asking.
 */
export function switchAtTimeout(
  ctx: CaseContext,
  { guest, from }: Move,
  { timeout, timeoutAction }: MigrationOptions,
): () => void {
  if (timeout === undefined || timeoutAction !== "postcopy") return () => undefined;
  const { host, remote } = hostOf(ctx, from);
  const over = new AbortController();
  // A host that does not answer this time may take it the next.
  const ask = (): Promise<boolean> => startPostcopy(remote.run, host.connectUri, guest).catch(() => false);
  const patience = { everyMs: ASK_EVERY_MS, timeoutMs: Number.POSITIVE_INFINITY, what: "the switch to postcopy" };
  const timer = setTimeout(() => {
    // Whether it switched is told by events; a host that does not answer is seen by whoever waits for the migration.
    until(ask, { ...patience, signal: over.signal }).catch(() => undefined);
  }, timeout);
  return () => {
    clearTimeout(timer);
    over.abort();
  };
}
