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
  readonly options: MigrationOptions;
}

/**
 * The whole `virsh migrate` command for one guest, `virsh` included. The only place where options become arguments.
 *
 * `--persistent` and `--undefinesource` are always there: afterwards the guest is defined on the target and unknown on
 * the source, so that every further leg starts from the same state. No `--listen-address`: behind address translation
 * the target does not own the address that the source connects to.
 */
export const migrateArgs = ({ guest, connectUri, peerUri, migrationAddress, options }: MigrateInput): string[] => [
  ...["virsh", "-c", connectUri, "migrate", "--live", "--persistent", "--undefinesource"],
  ...modeArgs(options),
  ...timeoutArgs(options),
  ...channelArgs(options, migrationAddress),
  ...tuningArgs(options),
  ...["--domain", guest, "--desturi", peerUri],
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
  if (timeout === undefined) return [];
  return ["--timeout", String(Math.max(1, Math.ceil(timeout / 1000))), `--timeout-${timeoutAction}`];
}

function channelArgs({ control, channel }: MigrationOptions, address: string | undefined): string[] {
  return [
    ...(control === "p2p" ? ["--p2p"] : []),
    ...(channel === "tunnelled" ? ["--tunnelled"] : []),
    ...(channel === "tls" ? ["--tls"] : []),
    // A tunnelled migration has no connection of its own, and libvirt refuses an address for it.
    ...(channel === "tunnelled" || address === undefined ? [] : ["--migrateuri", migrateUri(address)]),
  ];
}

/** Without a port, libvirt takes the next free one of its range. */
const migrateUri = (address: string): string => `tcp://${isIPv6(address) ? `[${address}]` : address}`;

const tuningArgs = ({ bandwidthMiBps, compression, connections }: MigrationOptions): string[] => [
  ...(bandwidthMiBps === undefined ? [] : ["--bandwidth", String(bandwidthMiBps)]),
  ...(compression === undefined ? [] : ["--compressed", "--comp-methods", compression]),
  ...(connections === undefined ? [] : ["--parallel", "--parallel-connections", String(connections)]),
];
