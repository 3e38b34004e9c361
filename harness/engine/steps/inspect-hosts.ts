import { controlGroup } from "../../../lib/host/control-group.js";
import { kernelMark } from "../../../lib/host/kernel-log.js";
import { hostSnapshot } from "../../../lib/host/snapshot.js";
import type { VirshEvent } from "../../../lib/libvirt/event-lines.js";
import { watchEvents } from "../../../lib/libvirt/events.js";
import { openVirshShell } from "../../../lib/libvirt/virsh-shell.js";
import { pingerOf } from "../../../lib/net/ping.js";
import type { CaseContext, HostHandle } from "../context.js";

/** How the hosts look before anything is touched, and from now on everything that libvirt says on them. */
export async function inspectHosts(ctx: CaseContext, signal: AbortSignal): Promise<void> {
  const [pinger] = await Promise.all([
    pingerOf(ctx.observer.run),
    ...[...ctx.hosts.values()].map((handle) => inspect(ctx, handle, signal)),
  ]);
  ctx.state.pinger = pinger;
}

async function inspect(ctx: CaseContext, { host, remote }: HostHandle, signal: AbortSignal): Promise<void> {
  const state = ctx.state.hosts.get(host.name);
  if (state === undefined) return;
  const [before, mark, group] = await Promise.all([
    hostSnapshot(remote.run, host),
    kernelMark(remote.run),
    controlGroup(remote.run),
    listen(ctx, { host, remote }, signal),
    // Only for speed: without it every question starts a virsh of its own.
    openVirshShell(remote, host.connectUri, { signal }).then(
      (virsh) => {
        state.virsh = virsh;
      },
      () => undefined,
    ),
  ]);
  state.before = before;
  state.kernelMark = mark;
  if (group !== undefined) state.controlGroup = group;
}

/** Events are stamped when they arrive: two hosts' clocks need not agree, the runner's monotonic clock does. */
async function listen(
  { state, nowMs, plan }: CaseContext,
  { host, remote }: Pick<HostHandle, "host" | "remote">,
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
  void watched.ended.then(({ stderr }) => {
    if (wanted) state.eventGaps.push(`${host.name}: the event stream ended early: ${stderr.trim()}`);
  });
  const hostState = state.hosts.get(host.name);
  if (hostState !== undefined)
    hostState.stopEvents = async () => {
      wanted = false;
      await watched.stop();
    };
}
