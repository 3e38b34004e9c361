import { rm } from "node:fs/promises";
import { join } from "node:path";
import { allDone } from "../../lib/all-done.js";
import { startCapture } from "../../lib/capture/capture.js";
import { counterChange, counterTool, readCounters } from "../../lib/capture/counters.js";
import { readCpu, startCpuSampler } from "../../lib/host/cpu.js";
import { takeCpu } from "../../lib/host/cpu-gain.js";
import { gatherCpu } from "../../lib/host/cpu-series.js";
import { startTopLog } from "../../lib/host/top-log.js";
import { portGroups } from "../../lib/model/ports.js";
import type { Status } from "../../lib/model/status.js";
import { gatherClasses, startClassSampler } from "../../lib/net/class-samples.js";
import { peerAddresses } from "../../lib/net/peer-addresses.js";
import { classTree } from "../../lib/net/traffic-classes.js";
import { type CaseContext, type HostHandle, hostOf } from "./context.js";
import type { HostProbes } from "./probe-state.js";

/** ssh carries what goes between two libvirts whose URI says so. */
const SSH_PORT = 22;

/** Starts what watches the ways that migrations take, on both hosts; nothing of it when the case asks for none. */
export async function startProbes(ctx: CaseContext, signal: AbortSignal): Promise<void> {
  await allDone([...ctx.hosts.values()].map((handle) => startOn(ctx, handle, signal)));
}

async function startOn(ctx: CaseContext, handle: HostHandle, signal: AbortSignal): Promise<void> {
  const { probes, classes } = ctx.plan.case.params;
  const own: HostProbes = { host: handle.host.name, stops: [] };
  ctx.state.probes.hosts.push(own);
  if (classes.on !== undefined) await classesOn(ctx, handle, own, signal);
  if (probes.path) await pathOn(ctx, handle, own, signal);
  if (probes.cpu) await cpuOn(ctx, handle, own, signal);
}

const peerOf = (ctx: CaseContext, name: string): HostHandle =>
  hostOf(ctx, ctx.plan.hosts[ctx.plan.hosts[0] === name ? 1 : 0]);

async function classesOn(ctx: CaseContext, { host, remote }: HostHandle, own: HostProbes, signal: AbortSignal) {
  const { classes } = ctx.plan.case.params;
  const tree = await classTree(remote.run, peerOf(ctx, host.name).host, classes, ctx.jobKey);
  await ctx.change(remote, [tree.change]);
  const gathering = gatherClasses(host.name, tree.interface, ctx.nowMs);
  const running = await startClassSampler(remote, tree.interface, gathering.take, { signal });
  own.classes = { interface: tree.interface, series: gathering.series };
  own.stops.push(running.stop);
}

const captureFile = ({ folder }: CaseContext, host: string): string => join(folder, `${host}.pcap`);

/** Once the case is judged its captures go, unless the scenario keeps them. */
export async function dropCaptures(ctx: CaseContext, status: Status): Promise<void> {
  const { keepCapture } = ctx.plan.case.params.probes;
  if (keepCapture === "always" || (keepCapture === "unless-pass" && status !== "PASS")) return;
  await Promise.all(ctx.state.probes.hosts.map(({ host }) => rm(captureFile(ctx, host), { force: true })));
}

/** The counters begin once the capture listens, so that it has seen whatever they count. */
async function pathOn(ctx: CaseContext, { host, remote }: HostHandle, own: HostProbes, signal: AbortSignal) {
  const { ports, captureLimit } = ctx.plan.case.params.probes;
  const { host: peer } = peerOf(ctx, host.name);
  const isSsh = [host, peer].some(({ peerUri }) => new URL(peerUri).protocol.includes("ssh"));
  const groups = portGroups([...new Set([...ports, ...(isSsh ? [peer.port, SSH_PORT] : [])])]);
  const [tool, peers] = await Promise.all([
    counterTool(remote.run, host.firewall),
    peerAddresses(remote.run, [new URL(peer.peerUri).hostname, peer.migrationAddress, peer.address]),
  ]);
  const capture = await startCapture(remote, {
    ...{ file: captureFile(ctx, host.name), groups, peers, signal },
    ...{ maxBytes: captureLimit * 2 ** 20, nowMs: ctx.nowMs },
  });
  own.capture = capture;
  await ctx.change(remote, [counterChange(tool, { jobKey: ctx.jobKey, groups, peers })]);
  const read = () => readCounters(remote.run, tool, ctx.jobKey);
  own.counters = { read, first: await read() };
}

async function cpuOn(ctx: CaseContext, { host, remote }: HostHandle, own: HostProbes, signal: AbortSignal) {
  const gathering = gatherCpu(host.name, ctx.nowMs);
  const sampler = await startCpuSampler(
    remote,
    (reading) => {
      gathering.take(reading);
      if (own.meter !== undefined) own.meter = takeCpu(own.meter, reading);
    },
    { signal },
  );
  own.cpu = { read: () => readCpu(remote.run), series: gathering.series };
  own.stops.push(sampler.stop);
  const path = join(ctx.folder, `${host.name}-top.log`);
  // For people only: without it nothing is missing that is judged.
  const log = await startTopLog(remote, await readCpu(remote.run), { path, signal }).catch(() => undefined);
  if (log !== undefined) own.stops.push(log.stop);
}
