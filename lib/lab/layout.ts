/**
 * Names, addresses and paths of a lab, all derived from its name and its slot, so that what a killed run left behind can
 * be found and taken away without a record. Addresses are from 198.18.0.0/15, set aside for tests (RFC 2544).
 */
export interface LabLayout {
  readonly name: string;
  /** 0 to 15: keeps labs that stand side by side apart. */
  readonly slot: number;
  readonly folder: string;
  readonly machines: readonly LabMachine[];
  /** Bridge of the management network, on which the guests hang too. The runner has an address there. */
  readonly guestBridge: string;
  readonly migrationBridge: string;
  /** The runner's own address on the management network, with prefix length. */
  readonly runnerAddress: string;
  /** First address for guests, with prefix length. */
  readonly guestPool: string;
  readonly inventoryPath: string;
}

export interface LabMachine {
  readonly kind: "host" | "storage";
  /** Host name inside, e.g. `lab-h1`. */
  readonly hostname: string;
  readonly namespace: string;
  readonly folder: string;
  readonly cgroup: string;
  /** Links: the end on this machine's bridge; the other end lies in the namespace. */
  readonly guestLink: string;
  readonly migrationLink: string;
  readonly address: string;
  readonly migrationAddress: string;
  /** What libvirt takes for the identity of the host. */
  readonly uuid: string;
}

export const LABS_FOLDER = "/var/lib/migstorm/labs";
export const SLOTS = 16;

/** Letters, digits and hyphens; short enough for host names and paths of sockets. */
export const LAB_NAME = /^[a-z][a-z0-9-]{0,15}$/;

export function labLayout(name: string, slot: number, hosts: number): LabLayout {
  const folder = `${LABS_FOLDER}/${name}`;
  const network = `198.18.${slot * 16}`;
  const machine = (kind: "host" | "storage", short: string, last: number): LabMachine => ({
    kind,
    hostname: `${name}-${short}`,
    namespace: `ms-${name}-${short}`,
    folder: `${folder}/${short}`,
    cgroup: `migstorm-${name}-${short}`,
    guestLink: `ms${slot}g${short}`,
    migrationLink: `ms${slot}m${short}`,
    address: `${network}.${last}`,
    migrationAddress: `198.19.${slot}.${last}`,
    uuid: `6d696773-746f-4d00-8000-${String(slot * 256 + last).padStart(12, "0")}`,
  });
  return {
    name,
    slot,
    folder,
    machines: [
      ...Array.from({ length: hosts }, (_, index) => machine("host", `h${index + 1}`, 11 + index)),
      machine("storage", "s1", 200),
    ],
    guestBridge: `ms${slot}g`,
    migrationBridge: `ms${slot}m`,
    runnerAddress: `${network}.1/20`,
    guestPool: `198.18.${slot * 16 + 1}.1/20`,
    inventoryPath: `${folder}/inventory.yaml`,
  };
}
