/** Ports whose bytes are counted together. */
export interface PortGroup {
  readonly name: string;
  readonly first: number;
  /** Included. */
  readonly last: number;
}

/** libvirt's own ports, and those that QEMU is given for migrations (libvirt's default range ends at 49215). */
export const PORT_GROUPS: readonly PortGroup[] = [
  { name: "rpc", first: 16509, last: 16509 },
  { name: "rpc-tls", first: 16514, last: 16514 },
  { name: "data", first: 49152, last: 49215 },
];

/** These, and each further port as a group of its own name: `2049` → `port-2049`. */
export const portGroups = (ports: readonly number[]): PortGroup[] => [
  ...PORT_GROUPS,
  ...ports.map((port) => ({ name: `port-${port}`, first: port, last: port })),
];
