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
  /** Control group of the commands that make the lab. */
  readonly makerGroup: string;
  /** Namespace that holds the bridges of the two networks. */
  readonly switchNamespace: string;
  /** The only link on this machine itself: the runner's end of a cable to the management network. */
  readonly runnerLink: string;
  /** The runner's own address there, with prefix length. */
  readonly runnerAddress: string;
  /** First address for guests, with prefix length. */
  readonly guestPool: string;
  readonly inventoryPath: string;
}

export interface LabMachine {
  readonly kind: "host" | "storage";
  /** `h1`, `h2`, …, `s1`. */
  readonly short: string;
  /** Host name inside, e.g. `lab-h1`. */
  readonly hostname: string;
  readonly namespace: string;
  readonly folder: string;
  readonly group: string;
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
    short,
    hostname: `${name}-${short}`,
    namespace: `ms-${name}-${short}`,
    folder: `${folder}/${short}`,
    group: `migstorm-${name}-${short}`,
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
    makerGroup: `migstorm-${name}-make`,
    switchNamespace: `ms-${name}-net`,
    runnerLink: `ms${slot}g`,
    runnerAddress: `${network}.1/20`,
    guestPool: `198.18.${slot * 16 + 1}.1/20`,
    inventoryPath: `${folder}/inventory.yaml`,
  };
}

/** Namespaces of a lab, whatever number of hosts it has. A lab named `a-h1` has none that look like those of `a`. */
export const namespacesOf = (name: string): RegExp => new RegExp(`^ms-${name}-(net|[hs]\\d+)$`);

/** Control groups of a lab. */
export const groupsOf = (name: string): RegExp => new RegExp(`^migstorm-${name}-(make|[hs]\\d+)$`);
