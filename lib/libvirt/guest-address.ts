import type { Run } from "../transport/transport.js";
import { virsh } from "./virsh.js";

/** Where libvirt may know an address from, most trustworthy first: its own DHCP server, the guest agent, the ARP table. */
const SOURCES = ["lease", "agent", "arp"] as const;

/**
 * The IPv4 address of a guest's card, as far as libvirt knows one. `undefined`: not yet. A source that cannot answer
 * (no agent, a network that is not libvirt's) is passed over: that is the usual case, not a failure.
 */
export async function guestAddress(
  run: Run,
  connectUri: string,
  name: string,
  mac: string,
): Promise<string | undefined> {
  for (const source of SOURCES) {
    const { exitCode, stdout } = await run(virsh(connectUri, "domifaddr", "--source", source, "--domain", name));
    const address = exitCode === 0 ? parseAddress(stdout, mac) : undefined;
    if (address !== undefined) return address;
  }
  return undefined;
}

/** Reads the table of `virsh domifaddr`: name, MAC, protocol, address/prefix. */
export function parseAddress(text: string, mac: string): string | undefined {
  for (const line of text.split("\n")) {
    const [address, protocol, card] = line.trim().split(/\s+/).reverse();
    if (protocol === "ipv4" && card?.toLowerCase() === mac.toLowerCase()) return address?.split("/")[0];
  }
  return undefined;
}
