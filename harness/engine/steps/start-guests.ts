import { allDone } from "../../../lib/all-done.js";
import { HarnessError } from "../../../lib/errors.js";
import { allowNfs } from "../../../lib/host/selinux.js";
import { guestChange, guestGone } from "../../../lib/libvirt/guest-change.js";
import {
  diskTarget,
  type GuestDisk,
  type GuestSpec,
  knowsTranslationCache,
  TRANSLATION_CACHE_MIB,
} from "../../../lib/libvirt/guest-spec.js";
import type { HostChange } from "../../../lib/model/command.js";
import type { StepTold } from "../../../lib/model/event.js";
import type { Image, Inventory } from "../../../lib/model/inventory.js";
import type { PlannedGuest } from "../../../lib/model/plan.js";
import { cloneDisk, type DiskSource, diskSource } from "../../../lib/prepare/disks.js";
import { makeLocal, makeVolume, volumeSource } from "../../../lib/prepare/volumes.js";
import type { Run } from "../../../lib/transport/transport.js";
import { bootName } from "../../plan.js";
import { virtTypeOn } from "../../requirements.js";
import { type CaseContext, type GuestState, type HostHandle, hostOf } from "../context.js";
import { fillDisks } from "../disks.js";
import { logIn } from "../log-in.js";
import { takeOverGuests } from "../take-over.js";

/**
 * All guests at once: disks, then the guests themselves, then until the ssh of each that migrates answers. Those that only
 * boot are not waited for. Guests that an earlier case has left are taken over, if they are as they have to be.
 * @param told of a step that was to take guests over and boots them anew
 */
export async function startGuests(ctx: CaseContext, signal: AbortSignal, told: (did: StepTold) => void): Promise<void> {
  const { guests, booters, herd, case: testCase } = ctx.plan;
  const whyAnew = await takeOverGuests(ctx);
  const areTakenOver = whyAnew === undefined;
  // Of one that was to boot them anyway there is nothing to tell.
  if (!areTakenOver && herd !== testCase.id)
    told({ name: bootName(testCase.params), note: `the guests of ${herd} were not taken over: ${whyAnew}` });
  if (!areTakenOver) await dismissed(ctx);
  await allowStorage(ctx);
  await allDone([
    ...(areTakenOver ? [] : [make(ctx, guests, ctx.hosts.keys(), ctx.herd.change)]),
    ...(booters.length === 0 ? [] : [make(ctx, booters, new Set(booters.map(({ host }) => host)), ctx.change)]),
  ]);
  if (!areTakenOver) await allDone([...ctx.state.guests.values()].map((guest) => enter(ctx, guest, signal)));
  await fillDisks(ctx);
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
  await allDone([makeDisks(ctx, guests, change), makeLocalDisks(ctx, guests, change)]);
  const sources = await findSources(ctx, guests);
  await allDone([...hosts].map((name) => startOn(ctx, guests, hostOf(ctx, name), sources, change)));
}

async function makeDisks(
  { inventory, storage }: CaseContext,
  guests: readonly PlannedGuest[],
  change: CaseContext["change"],
): Promise<void> {
  const changes = guests.flatMap(({ image, disk, volumes = [] }) => {
    const known = inventory.images[image];
    return [
      ...(known === undefined || disk === undefined ? [] : [cloneDisk(inventory.storage, known, disk)]),
      ...volumes
        .filter(({ on }) => on !== "local")
        .map((volume) => makeVolume(inventory, volume, volume.use === "root" ? known : undefined)),
    ];
  });
  if (changes.length === 0) return;
  if (storage === undefined) throw new Error("the plan has disks, and the job has no machine that makes them");
  await change(storage, changes);
}

/**
 * Every host has a file for each, since a disk that is copied needs its place there: the case that made the guests need not
 * be the one that copies.
 */
async function makeLocalDisks(
  ctx: CaseContext,
  guests: readonly PlannedGuest[],
  change: CaseContext["change"],
): Promise<void> {
  const changes = guests
    .flatMap(({ volumes = [] }) => volumes.filter(({ on }) => on === "local"))
    .map((volume) => makeLocal(ctx.inventory, volume));
  await allDone([...ctx.hosts.values()].map(({ remote }) => change(remote, changes)));
}

/** Name of a volume → where QEMU finds it. */
type Sources = ReadonlyMap<string, DiskSource>;

async function findSources({ inventory, storage }: CaseContext, guests: readonly PlannedGuest[]): Promise<Sources> {
  const volumes = guests.flatMap((guest) => guest.volumes ?? []);
  const run: Run = storage?.run ?? (() => Promise.reject(new Error("the job has no machine that makes disks")));
  return new Map(
    await Promise.all(
      volumes.map(async (volume) => [volume.name, await volumeSource(inventory, volume, run)] as const),
    ),
  );
}

/** Nobody knows where a crash finds a guest, so every host has the way back for every guest before one is started. */
async function startOn(
  ctx: CaseContext,
  guests: readonly PlannedGuest[],
  handle: HostHandle,
  sources: Sources,
  change: CaseContext["change"],
): Promise<void> {
  const { host, remote } = handle;
  const changes = guests.map(
    (guest): HostChange =>
      guest.host === host.name
        ? guestChange(guestSpec(ctx, guest, handle, sources), { connectUri: host.connectUri, by: importBy(handle) })
        : guestGone(guest.name, host.connectUri),
  );
  await change(remote, changes);
}

function importBy({ host, facts }: HostHandle): "virt-install" | "definition" {
  if (host.import !== "auto") return host.import;
  return facts.hasVirtInstall ? "virt-install" : "definition";
}

export function guestSpec(
  { inventory, plan, hosts }: CaseContext,
  guest: PlannedGuest,
  { facts }: HostHandle,
  sources: Sources = new Map(),
): GuestSpec {
  const image = inventory.images[guest.image];
  if (image === undefined) throw new Error(`the inventory has no image ${guest.image}`);
  const { memory, vcpus, metadata } = plan.case.params.guests;
  const { cache } = plan.case.params.guests;
  // Whoever takes it over reads the same definition.
  const isCacheKnown = [...hosts.values()].every((one) => knowsTranslationCache(one.facts.libvirtVersion));
  const cmdline = fillIn(image.cmdline, guest, inventory.network.gateway);
  return {
    name: guest.name,
    memoryMiB: memory,
    vcpus,
    virtType: virtTypeOn(facts, inventory),
    ...(isCacheKnown ? { translationCacheMiB: TRANSLATION_CACHE_MIB } : {}),
    arch: image.arch,
    bridge: inventory.network.bridge,
    mac: guest.mac,
    ...(image.machine === undefined ? {} : { machine: image.machine }),
    ...(image.kernel === undefined ? {} : { kernel: image.kernel }),
    ...(image.initrd === undefined ? {} : { initrd: image.initrd }),
    ...(image.osinfo === undefined ? {} : { osinfo: image.osinfo }),
    ...(cmdline === undefined ? {} : { cmdline }),
    ...(metadata === undefined ? {} : { metadata }),
    disks: [...cloneOf(inventory, guest, image, cache), ...volumesOf(guest, image, cache, sources)],
  };
}

type Cache = GuestDisk["cache"];

function cloneOf({ storage }: Inventory, { disk }: PlannedGuest, { diskBus }: Image, cache: Cache): GuestDisk[] {
  const source = disk === undefined ? undefined : diskSource(storage, disk);
  return source === undefined ? [] : [{ source, format: "qcow2", bus: diskBus, cache, target: diskTarget(diskBus) }];
}

function volumesOf({ volumes = [] }: PlannedGuest, image: Image, cache: Cache, sources: Sources): GuestDisk[] {
  return volumes.map(({ name, use, target, serial }) => {
    const source = sources.get(name);
    if (source === undefined) throw new Error(`nobody knows where the volume ${name} is`);
    return { source, format: "raw", bus: use === "root" ? image.diskBus : "virtio", cache, target, serial };
  });
}

function fillIn(cmdline: string | undefined, { name, address }: PlannedGuest, gateway = ""): string | undefined {
  const [ip = "", prefix = ""] = (address ?? "").split("/");
  const values: Readonly<Record<string, string>> = { address: ip, prefix, gateway, hostname: name };
  return cmdline?.replace(/\{(address|prefix|gateway|hostname)\}/g, (_, key: string) => values[key] ?? "");
}
