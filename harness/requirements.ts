import { TRANSLATION_CACHE_MIB } from "../lib/libvirt/guest-spec.js";
import type { Case } from "../lib/model/case.js";
import type { Inventory } from "../lib/model/inventory.js";
import { loadsOf } from "../lib/model/loads.js";
import { everyOptions } from "../lib/model/options-of-leg.js";
import type { Params } from "../lib/model/params.js";
import { PORT_GROUPS } from "../lib/model/ports.js";
import type { HostFacts } from "../lib/model/result.js";
import { rootServer } from "./plan-volumes.js";

/** What QEMU itself needs beside the guest's memory; an estimate on the safe side: small emulated guests took 74 MiB. */
const OVERHEAD_MIB = 96;

/**
 * Why this case cannot run on these hosts (source, then target); empty when it can. All reasons at once, so that one
 * `plan` run tells the whole truth. A reason makes the case SKIP, and is printed as it stands.
 */
export const unmet = (testCase: Case, inventory: Inventory, hosts: readonly HostFacts[]): string[] => [
  ...imageReasons(testCase, inventory),
  ...volumeReasons(testCase, inventory),
  ...addressReasons(testCase, inventory),
  ...portReasons(testCase),
  ...hosts.flatMap((facts, index) => [
    ...memoryReasons(testCase, facts, index === 0 ? "source" : "target", virtTypeOn(facts, inventory)),
    ...toolReasons(testCase, facts, index === 0 ? "source" : "target"),
  ]),
  ...identityReasons(hosts, inventory),
];

function imageReasons({ params }: Case, { images, storage }: Inventory): string[] {
  const known = Object.keys(images).join(", ");
  return [...new Set(params.guests.image)].flatMap((name) => {
    const image = images[name];
    if (image === undefined) return [`the inventory has no image ${name}; it has ${known}`];
    if (image.disk !== undefined && storage.kind === "none")
      return [`image ${name} has a disk, and the inventory names no storage for it`];
    if (image.disk === undefined && image.kernel === undefined)
      return [`image ${name} has neither a disk nor a kernel: it cannot boot`];
    return [];
  });
}

function volumeReasons({ params: { guests } }: Case, inventory: Inventory): string[] {
  const { storage, images } = inventory;
  const places = [...new Set(guests.disks.map(({ on }) => on))];
  const missing = places.filter((on) => on !== "local" && !hasPlace(inventory, on));
  return [
    ...missing.map((on) =>
      on === "nfs" || storage.kind === "none"
        ? `the guests have disks on ${on}, and the inventory names no storage`
        : `the guests have disks on ${on}, and the inventory's storage has no ${on}: say where it is served`,
    ),
    ...(guests.boot !== "volume" || rootServer(inventory) !== undefined
      ? []
      : ["the guests boot from a volume, and the inventory's storage has neither iscsi nor nbd"]),
    ...(guests.boot !== "volume"
      ? []
      : [...new Set(guests.image)]
          .filter((name) => images[name] !== undefined && images[name].disk === undefined)
          .map((name) => `the guests boot from a volume, and image ${name} has no disk to fill it with`)),
  ];
}

const hasPlace = ({ storage }: Inventory, on: "nfs" | "iscsi" | "nbd"): boolean =>
  storage.kind !== "none" && (on === "nfs" || storage[on] !== undefined);

function addressReasons({ params }: Case, { network }: Inventory): string[] {
  if (network.addressing !== "static" || network.pool === undefined) return [];
  const size = poolSize(network.pool);
  const needed = guestsOf(params);
  return size >= needed ? [] : [`the address pool ${network.pool} has ${size} addresses, ${needed} are needed`];
}

/** Addresses from the pool's first one up to the last that its network has. */
export function poolSize(pool: string): number {
  const [first = "", prefix = "32"] = pool.split("/");
  const hostBits = 32 - Number(prefix);
  const position = ipv4(first) % 2 ** hostBits;
  return Math.max(0, 2 ** hostBits - 1 - position);
}

/** `198.18.0.1` → number. */
export const ipv4 = (address: string): number =>
  address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);

/** What libvirt hands out to migrations that come in, and what is opened for them. */
const DATA_PORTS = PORT_GROUPS.filter(({ name }) => name === "data").reduce(
  (sum, { first, last }) => sum + last - first + 1,
  0,
);

/** Each that comes in has a port of its own, unless it is tunnelled, and another one for the disks that it brings along. */
function portReasons({ params }: Case): string[] {
  const { movement, guests } = params;
  if (movement.pattern === "orderly") return [];
  const coming = movement.pattern === "cross" ? Math.ceil(guests.count / 2) : guests.count;
  const atOnce = Math.min(movement.concurrency ?? coming, coming);
  const portsOfEach = everyOptions(params).map(
    ({ channel, copyStorage }) => Number(channel !== "tunnelled") + Number(copyStorage !== undefined),
  );
  const needed = atOnce * Math.max(0, ...portsOfEach);
  return needed <= DATA_PORTS
    ? []
    : [
        `${atOnce} migrations to one host at once need ${needed} ports, and libvirt has ${DATA_PORTS} for them: lower movement.concurrency`,
      ];
}

/** Guests of a case at the same time: those that migrate, and those that only boot. */
export const guestsOf = ({ guests, booting }: Params): number => guests.count + booting.besides;

/** What they need on one host where all of them may be, MiB. */
export const neededMemoryMiB = (params: Params, virtType: HostFacts["virtType"]): number =>
  guestsOf(params) * (params.guests.memory + OVERHEAD_MIB + (virtType === "qemu" ? TRANSLATION_CACHE_MIB : 0));

/** libvirt's domain type of guests on a host. */
export const virtTypeOn = (
  { virtType }: Pick<HostFacts, "virtType">,
  inventory: Pick<Inventory, "virtType">,
): HostFacts["virtType"] => (inventory.virtType === "auto" ? virtType : inventory.virtType);

/** What guests have to leave free where stress takes its part of that; less is too little to be worth the name. */
export const LEAST_LEFT_MIB = 64;

function memoryReasons({ params }: Case, facts: HostFacts, side: Side, virtType: HostFacts["virtType"]): string[] {
  const { host, freeMemoryMiB } = facts;
  const isShared = loadsOf(params).some(({ on, hostMemory }) => on === side && hostMemory !== undefined);
  const guestsMiB = neededMemoryMiB(params, virtType);
  const neededMiB = guestsMiB + (isShared ? LEAST_LEFT_MIB : 0);
  const stress = isShared ? `, ${LEAST_LEFT_MIB} MiB of them for stress to take half of, or more` : "";
  return freeMemoryMiB < neededMiB
    ? [
        `${host} has ${freeMemoryMiB} MiB free, ${guestsOf(params)} guests of ${params.guests.memory} MiB need ${neededMiB} MiB${stress}`,
      ]
    : [];
}

type Side = "source" | "target";

/** Where it is not named after the program. */
const PACKAGES: Readonly<Record<string, string>> = { tc: "iproute2" };

function toolReasons({ params }: Case, { host, tools }: HostFacts, side: Side): string[] {
  const { probes, classes } = params;
  const wanted = [
    ...loadsOf(params).flatMap(({ on, tool }) => (on === side ? [tool] : [])),
    ...(probes.path ? ["tcpdump"] : []),
    ...(classes.on === undefined ? [] : ["tc"]),
    ...(classes.competing ? ["iperf3"] : []),
  ];
  return [...new Set(wanted)]
    .filter((tool) => !tools.includes(tool))
    .map((tool) => `${host} has no ${tool}: install the package ${PACKAGES[tool] ?? tool}`);
}

function identityReasons([source, target]: readonly HostFacts[], inventory: Inventory): string[] {
  if (source === undefined || target === undefined) return ["a migration needs two hosts"];
  if (source.hostUuid === target.hostUuid)
    return [
      `${source.host} and ${target.host} have the same host UUID, and libvirt refuses to migrate between them: set host_uuid in libvirtd.conf`,
    ];
  const [from, to] = [virtTypeOn(source, inventory), virtTypeOn(target, inventory)];
  return from === to
    ? []
    : [`${source.host} runs guests with ${from}, ${target.host} with ${to}: a guest cannot move between them`];
}
