import type { Inventory } from "../../lib/model/inventory.js";

/** Disks of guests grow while they run; of the other folders only records are written. */
const DISKS_MIB = 1024;
const RECORDS_MIB = 64;

/** Folders of a host in which a job writes. */
export const hostFolders = ({ storage, localFolder }: Inventory): string[] => [
  ...(storage.kind === "directory" ? [storage.path] : []),
  localFolder,
  ...["/run", "/tmp", "/var/log"],
];

/** Folders of the machine that serves the storage. */
export const storageFolders = ({ storage }: Inventory): string[] =>
  storage.kind === "nfs" ? [storage.path, "/run"] : [];

/** How much has to be free there, MiB. */
export const freeRoomWanted = (folder: string, { storage, localFolder }: Inventory): number =>
  folder === localFolder || (storage.kind !== "none" && folder === storage.path) ? DISKS_MIB : RECORDS_MIB;

/** More are not opened: one that cannot be shows that none can. */
const MAX_DISKS = 4;

/** Base disks as QEMU on a host opens them. */
export function baseDisks({ storage, images }: Inventory): string[] {
  if (storage.kind === "none") return [];
  const folder = storage.kind === "directory" ? storage.path : `nfs://${storage.server}${storage.export}`;
  const disks = Object.values(images).flatMap(({ disk }) => (disk === undefined ? [] : [`${folder}/${disk}`]));
  return [...new Set(disks)].slice(0, MAX_DISKS);
}
