import type { DiskSource } from "../prepare/disks.js";
import { type GuestDisk, type GuestSpec, machineOf } from "./guest-spec.js";

/**
 * The definition of a guest that any host can take over: a virtio card on a bridge, a serial console, and nothing that
 * belongs to one host (no graphics, no USB, no path of an emulator).
 *
 * With KVM the CPU is `host-model`, which libvirt checks on the target before anything moves. Under TCG it is left to
 * libvirt: the default (qemu64 on x86_64) is emulated alike everywhere. A guest that crashes is preserved, so that there is
 * something left to look at; the undo destroys it all the same.
 */
export const domainXml = (guest: GuestSpec): string =>
  [
    `<domain type='${guest.virtType}'>`,
    `  <name>${escapeXml(guest.name)}</name>`,
    `  <memory unit='MiB'>${guest.memoryMiB}</memory>`,
    `  <vcpu>${guest.vcpus}</vcpu>`,
    ...osLines(guest),
    ...features([...(isX86(guest) ? ["<acpi/><apic/>"] : []), ...emulation(guest)]),
    ...(guest.virtType === "kvm" ? [`  <cpu mode='${isX86(guest) ? "host-model" : "host-passthrough"}'/>`] : []),
    "  <on_poweroff>destroy</on_poweroff>",
    "  <on_reboot>restart</on_reboot>",
    "  <on_crash>preserve</on_crash>",
    "  <devices>",
    ...guest.disks.flatMap(diskLines),
    "    <interface type='bridge'>",
    `      <mac address='${escapeXml(guest.mac)}'/>`,
    `      <source bridge='${escapeXml(guest.bridge)}'/>`,
    "      <model type='virtio'/>",
    "    </interface>",
    ...(isX86(guest) ? ["    <controller type='usb' model='none'/>", "    <panic model='isa'/>"] : []),
    "    <serial type='pty'/>",
    "    <console type='pty'/>",
    "    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
    "    <memballoon model='none'/>",
    "  </devices>",
    "</domain>",
    "",
  ].join("\n");

/** Inside `<features>`; nothing for a guest that is not emulated. */
export const emulation = ({ virtType, translationCacheMiB: cacheMiB }: GuestSpec): string[] =>
  virtType === "qemu" && cacheMiB !== undefined ? [`<tcg><tb-cache unit='MiB'>${cacheMiB}</tb-cache></tcg>`] : [];

const features = (inside: readonly string[]): string[] =>
  inside.length === 0 ? [] : [`  <features>${inside.join("")}</features>`];

const isX86 = ({ arch }: GuestSpec): boolean => arch === "x86_64" || arch === "i686";

function osLines(guest: GuestSpec): string[] {
  const machine = machineOf(guest);
  const type = `arch='${escapeXml(guest.arch)}'${machine === undefined ? "" : ` machine='${escapeXml(machine)}'`}`;
  return [
    "  <os>",
    `    <type ${type}>hvm</type>`,
    ...element("kernel", guest.kernel),
    ...element("initrd", guest.initrd),
    ...element("cmdline", guest.cmdline),
    ...(guest.kernel === undefined ? ["    <boot dev='hd'/>"] : []),
    "  </os>",
  ];
}

const element = (name: string, value: string | undefined): string[] =>
  value === undefined ? [] : [`    <${name}>${escapeXml(value)}</${name}>`];

/** A disk as lines inside `<devices>`, with the controller that it needs. */
export function diskLines({ source, format, bus, cache, target, serial }: GuestDisk): string[] {
  return [
    `    <disk type='${source.kind === "file" ? "file" : "network"}' device='disk'>`,
    `      <driver name='qemu' type='${format}' cache='${cache}'/>`,
    `      ${sourceElement(source)}`,
    `      <target dev='${escapeXml(target)}' bus='${bus}'/>`,
    ...(serial === undefined ? [] : [`      <serial>${escapeXml(serial)}</serial>`]),
    "    </disk>",
    ...(bus === "scsi" ? ["    <controller type='scsi' model='virtio-scsi'/>"] : []),
  ];
}

/** libvirt takes the unit of an iSCSI target from the end of its name; our targets have one disk, unit 1. */
function sourceElement(source: DiskSource): string {
  switch (source.kind) {
    case "file":
      return `<source file='${escapeXml(source.path)}'/>`;
    case "nfs":
      return networkSource("nfs", source.path, source.server);
    case "iscsi":
      return networkSource("iscsi", `${source.target}/1`, source.portal, source.port);
    case "nbd":
      return networkSource("nbd", source.exportName, source.server, source.port);
  }
}

const networkSource = (protocol: string, name: string, server: string, port?: number): string =>
  `<source protocol='${protocol}' name='${escapeXml(name)}'><host name='${escapeXml(server)}'${port === undefined ? "" : ` port='${port}'`}/></source>`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&apos;",
  '"': "&quot;",
};

/** Characters that XML 1.0 cannot hold in any form are left out: libvirt would refuse the whole definition. */
export const escapeXml = (text: string): string =>
  [...text]
    .filter(isXmlCharacter)
    .map((character) => ENTITIES[character] ?? character)
    .join("");

function isXmlCharacter(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}
