import type { PortGroup } from "../model/ports.js";

/** Enough for a tag, IPv6 with an extension and TCP without its options, behind the 20 bytes of the cooked head. */
const HEAD_BYTES = 96;
/** tcpdump's own timeout of a block is a second. */
export const HAND_OVER_MS = 1_000;
/** Of the kernel's ring, for the bursts while the connection is busy. */
const RING_KIB = 8_192;

/**
 * tcpdump on every interface, heads only, written to its output in blocks; it says on its error output when it listens.
 * Without `-y` it takes the newest cooked link type that the machine knows, which from libpcap 1.10 on names interfaces.
 * The kernel hands packets over in blocks, after `HAND_OVER_MS` at the latest: to be woken for each packet (immediate mode) cost
 * three times as much on the whole way to the file. What is not handed over when tcpdump ends is lost.
 * @param peers addresses; packets to and from others are left out. Empty: everybody's
 */
export const tcpdumpCommand = (groups: readonly PortGroup[], peers: readonly string[]) => ({
  file: "tcpdump",
  args: [
    ...["-i", "any", "-nn", "-p", "-s", String(HEAD_BYTES), "-B", String(RING_KIB), "-w", "-"],
    captureFilter(groups, peers),
  ],
});

export function captureFilter(groups: readonly PortGroup[], peers: readonly string[]): string {
  const ports = groups.map(({ first, last }) =>
    first === last ? `tcp port ${first}` : `tcp portrange ${first}-${last}`,
  );
  const hosts = peers.map((address) => `host ${address}`);
  return [ports, ...(hosts.length === 0 ? [] : [hosts])].map((any) => `(${any.join(" or ")})`).join(" and ");
}

export const isListening = (line: string): boolean => /\blistening on \S+, link-type /.test(line.slice(0, 500));

/**
 * What it says at the end: `0 packets dropped by kernel`, and on some machines the same of the interface. What it has
 * "received by filter" and not captured is no loss: the packets from before its filter was in place are among it.
 */
export function parseDropped(stderr: string): number | undefined {
  const kernel = /^(\d{1,15}) packets? dropped by kernel$/m.exec(stderr)?.[1];
  const card = /^(\d{1,15}) packets? dropped by interface$/m.exec(stderr)?.[1];
  return kernel === undefined ? undefined : Number(kernel) + Number(card ?? 0);
}
