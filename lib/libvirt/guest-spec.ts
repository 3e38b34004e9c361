import type { DiskSource } from "../prepare/disks.js";

export interface GuestDisk {
  readonly source: DiskSource;
  /** Where it hangs, in libvirt's words: `vda`. */
  readonly target: string;
  /** What the guest knows it by, whatever letter it has there; at most 20 characters. */
  readonly serial?: string;
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
  /** What QEMU may keep of the code that it translates for an emulated guest, MiB; without it QEMU's own limit. */
  readonly translationCacheMiB?: number;
  /** libvirt's word, e.g. `x86_64`. */
  readonly arch: string;
  /** Machine type that both hosts know; without it `q35` on x86_64, `virt` on aarch64. */
  readonly machine?: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly cmdline?: string;
  /** The one it boots from first. */
  readonly disks: readonly GuestDisk[];
  readonly bridge: string;
  readonly mac: string;
  /** Stands in its definition, for whoever asks how it is to be migrated; absent: it is no instance. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** libosinfo's short id, for virt-install. */
  readonly osinfo?: string;
}

/**
 * What QEMU may keep of the code that it has translated for a guest that it emulates. Its own limit is 1 GiB since 5.0, and what a
 * guest ran before its reset is kept, too: one of 128 MiB that boots again and again had taken 472 MiB after 15 s, with 64 MiB here
 * 265 MiB, and booted as fast (QEMU 10.0.2).
 */
export const TRANSLATION_CACHE_MIB = 64;

/** Whether a libvirt knows the element for it, which came with 8.0.0: one that does not refuses the whole definition. */
export const knowsTranslationCache = (libvirtVersion: string): boolean => Number.parseInt(libvirtVersion, 10) >= 8;

const MACHINES: Readonly<Record<string, string>> = { x86_64: "q35", aarch64: "virt" };

/** The machine type to ask for; on other architectures libvirt's own default stands. */
export const machineOf = ({ machine, arch }: GuestSpec): string | undefined => machine ?? MACHINES[arch];

/** Where a guest's disk of that number on its bus hangs, from 0: `vda`, `sda`, `vdb`. */
export const diskTarget = (bus: GuestDisk["bus"], number = 0): string =>
  `${bus === "virtio" ? "vd" : "sd"}${String.fromCharCode("a".charCodeAt(0) + number)}`;
