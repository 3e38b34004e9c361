import { diskTarget } from "../lib/libvirt/guest-spec.js";
import type { Image, Inventory } from "../lib/model/inventory.js";
import type { Params } from "../lib/model/params.js";
import type { PlannedGuest, PlannedVolume } from "../lib/model/plan.js";

/** What the root disk of `boot: volume` lies behind here: iSCSI, or NBD where there is no iSCSI; absent: neither. */
export function rootServer({ storage }: Inventory): "iscsi" | "nbd" | undefined {
  if (storage.kind === "none") return undefined;
  if (storage.iscsi !== undefined) return "iscsi";
  return storage.nbd === undefined ? undefined : "nbd";
}

type Wanted = Pick<Params["guests"], "boot" | "disks">;

/** What a guest boots from and its further disks. Those are always virtio, which tells a guest their serials. */
export function planDisks(
  name: string,
  image: Image | undefined,
  { boot, disks }: Wanted,
  inventory: Inventory,
): Pick<PlannedGuest, "disk" | "volumes"> {
  const hasRoot = image?.disk !== undefined;
  const bus = image?.diskBus ?? "virtio";
  const root: PlannedVolume = {
    ...{ name: `${name}-root`, serial: "root", use: "root", on: rootServer(inventory) ?? "iscsi" },
    target: diskTarget(bus),
  };
  const before = hasRoot && bus === "virtio" ? 1 : 0;
  const further = disks.map(
    ({ use, on, size }, index): PlannedVolume => ({
      ...{ name: `${name}-d${index + 1}`, serial: `d${index + 1}`, target: diskTarget("virtio", before + index) },
      ...{ use, on, sizeMiB: size },
    }),
  );
  const volumes = hasRoot && boot === "volume" ? [root, ...further] : further;
  return {
    ...(hasRoot && boot === "image" ? { disk: `${name}.qcow2` } : {}),
    ...(volumes.length === 0 ? {} : { volumes }),
  };
}

/** Where those disks of a guest hang that are not shared. */
export const localDisks = (guests: readonly PlannedGuest[], name: string): string[] =>
  (guests.find((guest) => guest.name === name)?.volumes ?? []).flatMap(({ on, target }) =>
    on === "local" ? [target] : [],
  );

/** Disks of a guest whose content is watched: a case without volumes has none. */
export const isWatched = ({ guests }: Params): boolean => guests.disks.length > 0 || guests.boot === "volume";
