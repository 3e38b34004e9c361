import type { DiskSource } from "../prepare/disks.js";

export interface GuestDisk {
  readonly source: DiskSource;
  readonly format: "qcow2" | "raw";
  readonly bus: "virtio" | "scsi" | "sata";
  /** Cache mode; libvirt calls a file disk unsafe to migrate unless it is `none` or the file system is shared. */
  readonly cache: "none" | "writethrough" | "writeback" | "directsync" | "unsafe";
}

/** A guest as it is to be brought up, whichever way. */
export interface GuestSpec {
  readonly name: string;
  readonly memoryMiB: number;
  readonly vcpus: number;
  readonly virtType: "kvm" | "qemu";
  /** libvirt's word, e.g. `x86_64`. */
  readonly arch: string;
  /** Machine type that both hosts know; without it `q35` on x86_64, `virt` on aarch64. */
  readonly machine?: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly cmdline?: string;
  readonly disk?: GuestDisk;
  readonly bridge: string;
  readonly mac: string;
  /** Stands in its definition, for whoever asks how it is to be migrated; absent: it is no instance. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** libosinfo's short id, for virt-install. */
  readonly osinfo?: string;
}

const MACHINES: Readonly<Record<string, string>> = { x86_64: "q35", aarch64: "virt" };

/** The machine type to ask for; on other architectures libvirt's own default stands. */
export const machineOf = ({ machine, arch }: GuestSpec): string | undefined => machine ?? MACHINES[arch];

/** Where the disk hangs, in the guest's words. */
export const diskTarget = (bus: GuestDisk["bus"]): string => (bus === "virtio" ? "vda" : "sda");
