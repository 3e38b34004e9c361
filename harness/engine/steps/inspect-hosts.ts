import { controlGroup } from "../../../lib/host/control-group.js";
import { kernelMark } from "../../../lib/host/kernel-log.js";
import { hostSnapshot } from "../../../lib/host/snapshot.js";
import { pingerOf } from "../../../lib/net/ping.js";
import type { CaseContext, HostHandle } from "../context.js";
import { listen, openShell } from "../listen.js";

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
    openShell(ctx, { host, remote }, signal),
  ]);
  state.before = before;
  state.kernelMark = mark;
  if (group !== undefined) state.controlGroup = group;
}
