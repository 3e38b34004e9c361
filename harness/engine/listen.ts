import type { VirshEvent } from "../../lib/libvirt/event-lines.js";
import { watchEvents } from "../../lib/libvirt/events.js";
import { openVirshShell } from "../../lib/libvirt/virsh-shell.js";
import { saidBy } from "../../lib/model/said-by.js";
import type { CaseContext, HostHandle } from "./context.js";

type Reached = Pick<HostHandle, "host" | "remote">;

/** Events are stamped when they arrive: two hosts' clocks need not agree, the runner's monotonic clock does. */
export async function listen(
  { state, nowMs, plan }: CaseContext,
  { host, remote }: Reached,
  signal: AbortSignal,
): Promise<void> {
  const ours = new Set(plan.guests.map(({ name }) => name));
  const onEvent = (event: VirshEvent): void => {
    if (!ours.has(event.guest)) return;
    if (event.stats !== undefined) state.awaited.get(event.guest)?.(event.stats);
    state.events.push({ atMs: nowMs(), host: host.name, guest: event.guest, event: event.event, detail: event.detail });
  };
  const watched = await watchEvents(remote, host.connectUri, onEvent, { signal });
  let wanted = true;
  void watched.ended.then((end) => {
    if (wanted) state.eventGaps.push(`${host.name}: the event stream ended early: ${saidBy(end)}`);
  });
  const hostState = state.hosts.get(host.name);
  if (hostState !== undefined)
    hostState.stopEvents = async () => {
      wanted = false;
      await watched.stop();
    };
}

/** Only for speed: without it every question starts a virsh of its own. */
export async function openShell(ctx: CaseContext, { host, remote }: Reached, signal: AbortSignal): Promise<void> {
  const virsh = await openVirshShell(remote, host.connectUri, { signal }).catch(() => undefined);
  const state = ctx.state.hosts.get(host.name);
  if (state !== undefined && virsh !== undefined) state.virsh = virsh;
}
