import type { Command } from "../model/command.js";

/** A network interface of a host. */
export interface Link {
  readonly index: number;
  readonly name: string;
  readonly addresses: readonly string[];
  /** Part of a bridge, a bond or a switch: what arrives here is handed on to that. */
  readonly isPort: boolean;
}

export const LIST_LINKS: Command = { file: "ip", args: ["-j", "-d", "addr", "show"], timeoutMs: 10_000 };

/** From `ip -j -d addr show`. Fixture: `iproute2-6.1/addr.json`. */
export function parseLinks(text: string): Link[] {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(found) ? found.flatMap(linkOf) : [];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function linkOf(value: unknown): Link[] {
  if (!isObject(value) || typeof value.ifindex !== "number" || typeof value.ifname !== "string") return [];
  const infos = Array.isArray(value.addr_info) ? value.addr_info.filter(isObject) : [];
  const kind = isObject(value.linkinfo) ? value.linkinfo.info_slave_kind : undefined;
  return [
    {
      index: value.ifindex,
      name: value.ifname,
      addresses: infos.flatMap(({ local }) => (typeof local === "string" ? local : [])),
      // A routing domain (VRF) is a master too, but what is in it has addresses of its own.
      isPort: typeof value.master === "string" && kind !== "vrf",
    },
  ];
}

/**
 * The interfaces on which the host's own packets are seen once. A packet passes several: in the lab one that comes for
 * the host is seen on the card `eth0` and then on the bridge `br0` that has the address; a guest's own is seen on `eth0`
 * and on its tap. The host's network stack, and with it the packet filter, speaks to those that have an address and are
 * nobody's port. A VLAN's packets are seen below it with their tag, which makes them another interface here (`eth0#100`).
 */
export const stackInterfaces = (links: readonly Link[]): string[] =>
  links.filter(({ addresses, isPort }) => addresses.length > 0 && !isPort).map(({ name }) => name);

/** `eth0`, with a tag `eth0#100`; `?` where it has no name. */
export function interfaceName(links: readonly Link[], index: number, vlan: number): string {
  const name = links.find((link) => link.index === index)?.name ?? "?";
  return vlan === 0 ? name : `${name}#${vlan}`;
}
