import type { HostChange } from "../model/command.js";
import type { Image, Storage } from "../model/inventory.js";

const TIMEOUT_MS = 120_000;

/** How QEMU on a host finds a disk: a path, or a place on a server. */
export type DiskSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "nfs"; readonly server: string; readonly path: string }
  | { readonly kind: "iscsi"; readonly portal: string; readonly port: number; readonly target: string }
  | { readonly kind: "nbd"; readonly server: string; readonly port: number; readonly exportName: string };

/** Where a file of the storage is for QEMU. `undefined` when there is no storage. */
export function diskSource(storage: Storage, file: string): DiskSource | undefined {
  if (storage.kind === "directory") return { kind: "file", path: `${storage.path}/${file}` };
  if (storage.kind === "nfs") return { kind: "nfs", server: storage.server, path: `${storage.export}/${file}` };
  return undefined;
}

/**
 * A linked clone of an image's base disk: what the guest writes goes into its own file. On a shared directory the base
 * is named relative to the clone; QEMU's NFS driver takes a relative name for one below the clone itself (7.2), so there
 * it is named in full, and the serving machine has to know itself by the name that the hosts use.
 */
export function cloneDisk(storage: Storage, image: Image, disk: string): HostChange {
  const path = `${storageFolder(storage)}/${disk}`;
  const base = storage.kind === "nfs" ? nfsUrl(storage.server, `${storage.export}/${image.disk}`) : (image.disk ?? "");
  return {
    what: `disk ${disk} from ${image.disk ?? ""}`,
    apply: {
      file: "qemu-img",
      args: ["create", "-q", "-f", "qcow2", "-F", image.diskFormat, "-b", base, path],
      timeoutMs: TIMEOUT_MS,
    },
    undo: { file: "rm", args: ["-f", "--", path], timeoutMs: TIMEOUT_MS },
  };
}

const nfsUrl = (server: string, path: string): string => `nfs://${server}${path}`;

/** Asks from a host whether it can read the base disk: a storage that only one of them reaches is no shared one. */
export function readBase(storage: Storage, file: string) {
  const source = diskSource(storage, file);
  if (source === undefined) return undefined;
  const name = source.kind === "nfs" ? nfsUrl(source.server, source.path) : `${storageFolder(storage)}/${file}`;
  return { file: "qemu-img", args: ["info", "-U", "--output=json", name], timeoutMs: 30_000 } as const;
}

/** The folder in which the machine that makes the disks has the storage. */
export const storageFolder = (storage: Storage): string => (storage.kind === "none" ? "" : storage.path);
