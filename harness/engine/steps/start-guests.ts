import { allDone } from "../../../lib/all-done.js";
import { HarnessError } from "../../../lib/errors.js";
import { allowNfs } from "../../../lib/host/selinux.js";
import { guestChange, guestGone } from "../../../lib/libvirt/guest-change.js";
import type { GuestSpec } from "../../../lib/libvirt/guest-spec.js";
import type { HostChange } from "../../../lib/model/command.js";
import type { PlannedGuest } from "../../../lib/model/plan.js";
import { cloneDisk, diskSource } from "../../../lib/prepare/disks.js";
import { type CaseContext, type GuestState, type HostHandle, hostOf } from "../context.js";
import { logIn } from "../log-in.js";
import { takeOverGuests } from "../take-over.js";

/**
 * All guests at once: disks, then the guests themselves, then until the ssh of each that migrates answers. Those that only
 * boot are not waited for. Guests that an earlier case has left are taken over, if they are as they have to be.
 */
export async function startGuests(ctx: CaseContext, signal: AbortSignal): Promise<void> {
  const { guests, booters } = ctx.plan;
  const areTakenOver = await takeOverGuests(ctx);
  if (!areTakenOver) await dismissed(ctx);
  await allowStorage(ctx);
  await allDone([
    ...(areTakenOver ? [] : [make(ctx, guests, ctx.hosts.keys(), ctx.herd.change)]),
    ...(booters.length === 0 ? [] : [make(ctx, booters, new Set(booters.map(({ host }) => host)), ctx.change)]),
  ]);
  if (areTakenOver) return;
  await allDone([...ctx.state.guests.values()].map((guest) => enter(ctx, guest, signal)));
}

async function enter(ctx: CaseContext, guest: GuestState, signal: AbortSignal): Promise<void> {
  const { remote, address } = await logIn(ctx, guest.planned, signal);
  guest.remote = remote;
  guest.address = address;
}

/** Guests of these names must be gone before they are made anew. */
async function dismissed({ herd }: CaseContext): Promise<void> {
  const left = await herd.dismiss();
  if (left.length > 0)
    throw new HarnessError("command-failed", `guests of an earlier case are left: ${left.join("; ")}`);
}

/**
 * Only where SELinux stands guard, and the storage is one that it would keep QEMU from. It goes with the guests, not with the
 * case: one that runs on would no longer reach its disk.
 */
async function allowStorage({ inventory, hosts, herd }: CaseContext): Promise<void> {
  if (inventory.storage.kind === "none") return;
  await allDone(
    [...hosts.values()].map(async ({ remote, facts }) =>
      herd.change(remote, await allowNfs(remote.run, facts.seLinux)),
    ),
  );
}

/** @param hosts where one of them may ever be */
async function make(
  ctx: CaseContext,
  guests: readonly PlannedGuest[],
  hosts: Iterable<string>,
  change: CaseContext["change"],
): Promise<void> {
  await makeDisks(ctx, guests, change);
  await allDone([...hosts].map((name) => startOn(ctx, guests, hostOf(ctx, name), change)));
}

async function makeDisks(
  { inventory, storage }: CaseContext,
  guests: readonly PlannedGuest[],
  change: CaseContext["change"],
): Promise<void> {
  const clones = guests.flatMap(({ image, disk }) => {
    const known = inventory.images[image];
    return known === undefined || disk === undefined ? [] : [cloneDisk(inventory.storage, known, disk)];
  });
  if (clones.length === 0) return;
  if (storage === undefined) throw new Error("the plan has disks, and the job has no machine that makes them");
  await change(storage, clones);
}

/** Nobody knows where a crash finds a guest, so every host has the way back for every guest before one is started. */
async function startOn(
  ctx: CaseContext,
  guests: readonly PlannedGuest[],
  handle: HostHandle,
  change: CaseContext["change"],
): Promise<void> {
  const { host, remote } = handle;
  const changes = guests.map(
    (guest): HostChange =>
      guest.host === host.name
        ? guestChange(guestSpec(ctx, guest, handle), { connectUri: host.connectUri, by: importBy(handle) })
        : guestGone(guest.name, host.connectUri),
  );
  await change(remote, changes);
}

function importBy({ host, facts }: HostHandle): "virt-install" | "definition" {
  if (host.import !== "auto") return host.import;
  return facts.hasVirtInstall ? "virt-install" : "definition";
}

export function guestSpec({ inventory, plan }: CaseContext, guest: PlannedGuest, { facts }: HostHandle): GuestSpec {
  const image = inventory.images[guest.image];
  if (image === undefined) throw new Error(`the inventory has no image ${guest.image}`);
  const { memory, vcpus, cache, metadata } = plan.case.params.guests;
  const { virtType } = inventory;
  const source = guest.disk === undefined ? undefined : diskSource(inventory.storage, guest.disk);
  const cmdline = fillIn(image.cmdline, guest, inventory.network.gateway);
  return {
    name: guest.name,
    memoryMiB: memory,
    vcpus,
    virtType: virtType === "auto" ? facts.virtType : virtType,
    arch: image.arch,
    bridge: inventory.network.bridge,
    mac: guest.mac,
    ...(image.machine === undefined ? {} : { machine: image.machine }),
    ...(image.kernel === undefined ? {} : { kernel: image.kernel }),
    ...(image.initrd === undefined ? {} : { initrd: image.initrd }),
    ...(image.osinfo === undefined ? {} : { osinfo: image.osinfo }),
    ...(cmdline === undefined ? {} : { cmdline }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(source === undefined ? {} : { disk: { source, format: "qcow2", bus: image.diskBus, cache } }),
  };
}

function fillIn(cmdline: string | undefined, { name, address }: PlannedGuest, gateway = ""): string | undefined {
  const [ip = "", prefix = ""] = (address ?? "").split("/");
  const values: Readonly<Record<string, string>> = { address: ip, prefix, gateway, hostname: name };
  return cmdline?.replace(/\{(address|prefix|gateway|hostname)\}/g, (_, key: string) => values[key] ?? "");
}
