import { isIPv6 } from "node:net";
import type { MigrationOptions } from "../model/params.js";

export interface MigrateInput {
  readonly guest: string;
  /** libvirt on the source, as the source host itself names it. */
  readonly connectUri: string;
  /** libvirt on the target, as the source host reaches it: right for p2p and, since virsh runs on the source, for direct. */
  readonly peerUri: string;
  /** Where the memory goes; without it QEMU connects to the host name that the target reports. */
  readonly migrationAddress?: string;
  /** Disks that are not shared, as libvirt hangs them (`vdb`): the ones that are copied where the options say so. */
  readonly localDisks?: readonly string[];
  readonly options: MigrationOptions;
}

/**
 * The whole `virsh migrate` command for one guest, `virsh` included. The only place where options become arguments.
 *
 * `--persistent` and `--undefinesource` are always there: afterwards the guest is defined on the target and unknown on
 * the source, so that every further leg starts from the same state. No `--listen-address`: behind address translation
 * the target does not own the address that the source connects to.
 */
export const migrateArgs = (input: MigrateInput): string[] => [
  ...["virsh", "-c", input.connectUri, "migrate", "--live", "--persistent", "--undefinesource"],
  ...modeArgs(input.options),
  ...timeoutArgs(input.options),
  ...channelArgs(input),
  ...tuningArgs(input.options),
  ...storageArgs(input),
  ...["--domain", input.guest, "--desturi", input.peerUri],
];

/** Whether postcopy has to wait for the timeout; otherwise it comes after the first pass over the memory. */
const switchesAtTimeout = ({ timeout, timeoutAction }: MigrationOptions): boolean =>
  timeout !== undefined && timeoutAction === "postcopy";

function modeArgs(options: MigrationOptions): string[] {
  const late = switchesAtTimeout(options);
  return [
    ...(options.mode === "postcopy" || late ? ["--postcopy"] : []),
    ...(options.mode === "postcopy" && !late ? ["--postcopy-after-precopy"] : []),
    ...(options.autoConverge ? ["--auto-converge"] : []),
  ];
}

/** virsh counts in whole seconds and takes 0 for "none", so a part of a second is rounded up. */
function timeoutArgs({ timeout, timeoutAction }: MigrationOptions): string[] {
  if (timeout === undefined || timeoutAction === "abort") return [];
  return ["--timeout", String(Math.max(1, Math.ceil(timeout / 1000))), `--timeout-${timeoutAction}`];
}

function channelArgs({ options: { control, channel }, migrationAddress: address, peerUri }: MigrateInput): string[] {
  return [
    ...(control === "p2p" ? ["--p2p"] : []),
    ...(channel === "tunnelled" ? ["--tunnelled"] : []),
    ...(channel === "tls" ? ["--tls"] : []),
    // QEMU would look for the address of the migration network in the target's certificate, which names the host.
    ...(channel === "tls" && address !== undefined ? ["--tls-destination", hostOfUri(peerUri)] : []),
    // A tunnelled migration has no connection of its own, and libvirt refuses an address for it.
    ...(channel === "tunnelled" || address === undefined ? [] : ["--migrateuri", migrateUri(address)]),
  ];
}

/** The host name of a libvirt URI, without the brackets of an IPv6 address. */
const hostOfUri = (uri: string): string =>
  (/^[^:]+:\/\/(?:[^@/?]*@)?(\[[^\]]*\]|[^:/?]*)/.exec(uri)?.[1] ?? "").replace(/^\[|\]$/g, "");

/** Without a port, libvirt takes the next free one of its range. */
const migrateUri = (address: string): string => `tcp://${isIPv6(address) ? `[${address}]` : address}`;

const tuningArgs = ({ bandwidthMiBps, compression, connections }: MigrationOptions): string[] => [
  ...(bandwidthMiBps === undefined ? [] : ["--bandwidth", String(bandwidthMiBps)]),
  ...(compression === undefined ? [] : ["--compressed", "--comp-methods", compression]),
  ...(connections === undefined ? [] : ["--parallel", "--parallel-connections", String(connections)]),
];

/** Without the list libvirt would copy the shared disks too, each onto itself. */
function storageArgs({ options: { copyStorage }, localDisks = [] }: MigrateInput): string[] {
  if (copyStorage === undefined) return [];
  const disks = localDisks.length === 0 ? [] : ["--migrate-disks", localDisks.join(",")];
  return [`--copy-storage-${copyStorage}`, ...disks];
}
