import type { Host, Inventory } from "../../lib/model/inventory.js";

/** Where memory goes: without an address of its own QEMU connects to the name that libvirt there tells. */
export const memoryGoesTo = ({ migrationAddress, name }: Host, hostname: string | undefined): string =>
  migrationAddress ?? hostname ?? name;

/** Names that a host has to know so that guests can go to this other one and find their disks. */
export const namesToKnow = (to: Host, hostname: string | undefined, { storage }: Inventory): string[] => {
  const servers =
    storage.kind === "none"
      ? []
      : [storage.kind === "nfs" ? storage.server : undefined, storage.iscsi?.portal, storage.nbd?.server];
  const names = [peerHost(to.peerUri), memoryGoesTo(to, hostname), ...servers];
  return [...new Set(names.flatMap((name) => name ?? []))];
};

/** Name or address in a libvirt URI; undefined where there is none. */
export const peerHost = (uri: string): string | undefined =>
  /^[a-z+]+:\/\/(?:[^@/?]*@)?(?:\[([^\]]+)\]|([^:/?]+))/.exec(uri)?.slice(1).find(Boolean);
