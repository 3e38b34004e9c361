import { xmlText } from "../libvirt/xml.js";
import { type Owner, parseOwner } from "../lock/lock-record.js";
import type { Run } from "../transport/transport.js";
import { type HostCpu, parseHostCpu } from "./host-cpu.js";
import { freeMemoryMiB } from "./memory.js";
import { askSections } from "./sections.js";
import { AS_ROOT, SURVEY } from "./survey-script.js";

/** What is to be looked at on one machine. */
export interface SurveyQuestions {
  readonly become: "none" | "sudo";
  /** libvirt URI for virsh on that machine; absent: it is no hypervisor. */
  readonly connectUri?: string;
  readonly firewall: string;
  readonly bridge: string;
  /** Folder that every host is to have at this path. */
  readonly sharedFolder?: string;
  /** Where there has to be room. */
  readonly folders: readonly string[];
  /** Base disks, as qemu-img is given them. */
  readonly disks: readonly string[];
}

/** What one machine says of itself. What it did not say is absent; nothing of it is to be trusted. */
export interface Survey {
  /** Why commands cannot run as root there; then nothing else is known. */
  readonly sudo?: "missing" | "refused";
  readonly tools: readonly string[];
  readonly freeMemoryMiB?: number;
  readonly links: readonly Link[];
  readonly addresses: readonly { readonly link: string; readonly address: string }[];
  readonly hasBridge: boolean;
  readonly owner?: Owner;
  /** What a job has made and not taken back, in words, and the command that takes it back. */
  readonly leftovers: Leftovers;
  readonly shared?: "missing" | { readonly inode: string; readonly fsType: string; readonly source: string };
  /** Absent: not asked. */
  readonly libvirt?: { readonly isUp: true } | { readonly isUp: false; readonly said: string };
  /** As libvirt gives it to a host that sends, when no migration address is set. */
  readonly hostname?: string;
  readonly hostUuid?: string;
  readonly cpu?: HostCpu;
  readonly hasKvm: boolean;
  readonly room: readonly { readonly folder: string; readonly freeMiB: number }[];
  readonly disks: readonly { readonly disk: string; readonly trouble?: string }[];
}

export interface Link {
  readonly name: string;
  readonly isUp: boolean;
  readonly mtu: number;
}

export interface Leftovers {
  readonly domains: readonly string[];
  readonly pools: readonly string[];
  readonly folders: readonly string[];
  /** Comments of rules in the firewall: `migstorm-ab12cd3`. */
  readonly rules: readonly string[];
}

/**
 * Asks a machine what it is and has, in one command that changes nothing. For a connection that is not root yet where
 * `become` says sudo.
 * @throws HarnessError `command-failed`, `deadline`, `unreachable`
 */
export async function survey(run: Run, questions: SurveyQuestions, timeoutMs: number): Promise<Survey> {
  const { become, connectUri = "", firewall, bridge, sharedFolder = "", folders, disks } = questions;
  const about = [connectUri, firewall, bridge, sharedFolder, String(folders.length), ...folders, ...disks];
  const asked = { script: AS_ROOT, args: [become, SURVEY, ...about], timeoutMs };
  return parseSurvey(await askSections(run, asked, "cannot look at the machine"));
}

/** Total: whatever the machine printed. */
export function parseSurvey(found: ReadonlyMap<string, readonly string[]>): Survey {
  const lines = (name: string): readonly string[] => found.get(name) ?? [];
  const [sudo] = lines("sudo");
  const owner = parseOwner(lines("lock"), Date.now());
  const capabilities = lines("capabilities").join("\n");
  const uuid = xmlText(capabilities, ["capabilities", "host", "uuid"])?.toLowerCase();
  const cpu = parseHostCpu(capabilities);
  const libvirt = libvirtOf(found.get("libvirt") ?? []);
  const shared = sharedOf(lines("shared"));
  const hostname = lines("hostname")[0];
  return {
    ...(sudo === "missing" || sudo === "refused" ? { sudo } : {}),
    tools: lines("tools"),
    ...(lines("memory").length === 0 ? {} : { freeMemoryMiB: freeMemoryMiB(lines("memory")) }),
    links: lines("links").flatMap(linkOf),
    addresses: lines("addresses").flatMap(addressOf),
    hasBridge: lines("bridge").length > 0,
    ...(owner === undefined ? {} : { owner }),
    leftovers: {
      domains: lines("domains").filter((name) => /^ms-[0-9a-z]+-\d+-g\d+$/.test(name)),
      pools: lines("pools").filter((name) => /^migstorm-[0-9a-z]+$/.test(name)),
      folders: after(lines("left"), /^folder (\/run\/migstorm\/job-[0-9a-z]+)$/),
      rules: after(lines("left"), /^rule (migstorm-[0-9a-z]+)$/),
    },
    ...(shared === undefined ? {} : { shared }),
    ...(libvirt === undefined ? {} : { libvirt }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(uuid === undefined ? {} : { hostUuid: uuid }),
    ...(cpu === undefined ? {} : { cpu }),
    hasKvm: lines("kvm")[0] === "yes",
    room: lines("room").flatMap(roomOf),
    disks: lines("disks").flatMap(diskOf),
  };
}

const after = (lines: readonly string[], form: RegExp): string[] => lines.flatMap((line) => form.exec(line)?.[1] ?? []);

/** Without a hypervisor nothing is printed; a dead one prints what virsh says. */
function libvirtOf(lines: readonly string[]): Survey["libvirt"] {
  if (lines.length === 0) return undefined;
  if (lines.some((line) => line.startsWith("Using library:"))) return { isUp: true };
  return { isUp: false, said: (lines.at(-1) ?? "").replace(/^error: /, "") };
}

/** `4: eth1@if8: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 …`; a link without a carrier lacks LOWER_UP. */
function linkOf(line: string): Link[] {
  const [, name, flags = "", mtu] = /^\d+: ([^:@\s]+)(?:@\S+)?: <([^>]*)> mtu (\d+)/.exec(line) ?? [];
  const isUp = ["UP", "LOWER_UP"].every((flag) => flags.split(",").includes(flag));
  return name === undefined ? [] : [{ name, isUp, mtu: Number(mtu) }];
}

/** `4: eth1    inet 198.19.2.11/24 scope global …`. */
function addressOf(line: string): { link: string; address: string }[] {
  const [, link, address] = /^\d+: (\S+)\s+inet6? ([0-9a-fA-F.:]+)\//.exec(line) ?? [];
  return link === undefined || address === undefined ? [] : [{ link, address }];
}

function sharedOf(lines: readonly string[]): Survey["shared"] {
  if (lines[0] === "missing") return "missing";
  const inode = after(lines, /^inode (\d+)$/)[0];
  const [, fsType, source] = /^mount (\S+) (.+)$/.exec(lines.find((line) => line.startsWith("mount ")) ?? "") ?? [];
  return inode === undefined || fsType === undefined || source === undefined ? undefined : { inode, fsType, source };
}

function roomOf(line: string): { folder: string; freeMiB: number }[] {
  const [, kiB, folder] = /^(\d{1,15}) (\/.*)$/.exec(line) ?? [];
  return folder === undefined ? [] : [{ folder, freeMiB: Math.floor(Number(kiB) / 1024) }];
}

function diskOf(line: string): { disk: string; trouble?: string }[] {
  const [, word, disk, trouble = ""] = /^(ok|no) (\S+) ?(.*)$/.exec(line) ?? [];
  if (disk === undefined) return [];
  return [word === "ok" ? { disk } : { disk, trouble: trouble === "" ? "it did not answer within 2 s" : trouble }];
}
