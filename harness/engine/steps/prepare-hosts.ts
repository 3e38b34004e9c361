import { allDone } from "../../../lib/all-done.js";
import { HarnessError } from "../../../lib/errors.js";
import { readBase } from "../../../lib/prepare/disks.js";
import { localPool } from "../../../lib/prepare/local-pool.js";
import {
  authorize,
  hostKeys,
  knownHostsName,
  makeKey,
  needsSshTrust,
  publicKey,
  trustHost,
} from "../../../lib/prepare/ssh-trust.js";
import { makeWorkFolder } from "../../../lib/prepare/work-folder.js";
import type { CaseContext, HostHandle } from "../context.js";

/**
 * What has to be true of the hosts before a guest may move: they reach the storage, and can speak to each other. Only what
 * applies is touched.
 */
export async function prepareHosts(ctx: CaseContext): Promise<void> {
  const hosts = [...ctx.hosts.values()];
  await allDone(hosts.map(({ remote }) => ctx.change(remote, [makeWorkFolder(ctx.jobKey)])));
  await allDone([reachStorage(ctx, hosts), trustEachOther(ctx, hosts), makePools(ctx, hosts)]);
}

async function makePools(
  { plan, inventory, jobKey, change }: CaseContext,
  hosts: readonly HostHandle[],
): Promise<void> {
  if (!plan.case.params.guests.localPool) return;
  await allDone(
    hosts.map(({ remote, host }) => change(remote, [localPool(host.connectUri, inventory.localFolder, jobKey)])),
  );
}

async function reachStorage({ inventory, plan }: CaseContext, hosts: readonly HostHandle[]): Promise<void> {
  const images = new Set(plan.guests.map(({ image }) => image));
  const bases = new Set([...images].flatMap((name) => inventory.images[name]?.disk ?? []));
  await allDone(
    hosts.flatMap((handle) => [...bases].map((base) => mustRead(handle, readBase(inventory.storage, base), base))),
  );
}

async function mustRead(
  { remote, host }: HostHandle,
  command: ReturnType<typeof readBase>,
  base: string,
): Promise<void> {
  if (command === undefined) return;
  const { exitCode, stderr } = await remote.run(command);
  if (exitCode !== 0)
    throw new HarnessError("command-failed", `${host.name} cannot read the base disk ${base}: ${stderr.trim()}`);
}

/** Each sends to the other sooner or later, so the trust goes both ways. */
async function trustEachOther(ctx: CaseContext, hosts: readonly HostHandle[]): Promise<void> {
  for (const from of hosts)
    for (const to of hosts) if (from !== to && needsSshTrust(to.host.peerUri)) await trust(ctx, from, to);
}

async function trust({ change, jobKey }: CaseContext, from: HostHandle, to: HostHandle): Promise<void> {
  await change(from.remote, [makeKey(jobKey)]);
  const [key, keys] = await Promise.all([publicKey(from.remote.run, jobKey), hostKeys(to.remote.run)]);
  await change(to.remote, [authorize(key, from.host.name)]);
  await change(from.remote, [trustHost(knownHostsName(to.host.peerUri), keys, jobKey)]);
}
