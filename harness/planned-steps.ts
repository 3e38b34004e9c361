import { migrateArgs } from "../lib/libvirt/migrate-args.js";
import type { Host, Inventory } from "../lib/model/inventory.js";
import { loadsOf, type PlannedLoad, toolsInGuests } from "../lib/model/loads.js";
import { optionsOfLeg } from "../lib/model/options-of-leg.js";
import type { Move, PlannedGuest, RunnablePlan, Step } from "../lib/model/plan.js";
import { BLOCKS } from "../lib/net/block-ports.js";
import { cloneDisk } from "../lib/prepare/disks.js";
import { localPool } from "../lib/prepare/local-pool.js";
import { needsSshTrust } from "../lib/prepare/ssh-trust.js";
import { makeLocal, makeVolume } from "../lib/prepare/volumes.js";
import { shellLine } from "../lib/transport/quote.js";
import { localDisks } from "./plan-volumes.js";

/** What one step will do to which machine, in words or as the command itself. */
export interface PlannedAction {
  readonly host: string;
  readonly what: string;
  /** Absent where the command depends on what the host says when it is asked. */
  readonly command?: string;
}

/** Every change to a machine that a step of this plan will make. Pure: no host is asked. */
export function plannedActions(plan: RunnablePlan, step: Step, inventory: Inventory): PlannedAction[] {
  switch (step.kind) {
    case "inspect-hosts":
    case "evidence-before":
    case "evidence-after":
      return [];
    case "start-probes":
      return probed(plan);
    case "prepare-hosts":
      return prepared(plan, inventory);
    case "start-guests":
      return [...allowed(plan, inventory), ...disks(plan, inventory), ...started(plan, inventory)];
    case "start-load":
      return loads(plan, inventory);
    case "leg":
      return [
        ...opened(step.number, step.moves, inventory),
        ...(plan.case.params.booting.migrating
          ? step.moves.map(({ guest, from }) => ({ host: from, what: `reset ${guest}, so that it boots` }))
          : []),
        ...changed(plan, step.number, step.moves),
        ...struck(plan, step.number, step.moves),
        ...step.moves.map((move) => migrated(plan, step.number, move, inventory)),
      ];
  }
}

const hostNamed = ({ hosts }: Inventory, name: string): Host | undefined => hosts.find((host) => host.name === name);

function prepared(plan: RunnablePlan, inventory: Inventory): PlannedAction[] {
  const { hosts } = plan;
  const trust = hosts.flatMap((name) => {
    const other = hosts.find((host) => host !== name) ?? name;
    const peer = hostNamed(inventory, other);
    return peer !== undefined && needsSshTrust(peer.peerUri)
      ? [{ host: name, what: `an ssh key of this job for the way to ${other}, and its public half there` }]
      : [];
  });
  return [...trust, ...pools(plan, inventory)];
}

function pools({ case: { params }, hosts }: RunnablePlan, inventory: Inventory): PlannedAction[] {
  if (!params.guests.localPool) return [];
  const { what } = localPool("", inventory.localFolder, "JOB");
  return hosts.map((host) => ({ host, what: `${what} in ${inventory.localFolder}` }));
}

/** It goes with the guests, and is there where they are taken over. */
const allowed = ({ case: { id }, herd, hosts }: RunnablePlan, { storage }: Inventory): PlannedAction[] =>
  storage.kind === "none" || herd !== id
    ? []
    : hosts.map((host) => ({ host, what: "where SELinux enforces: virt_use_nfs on" }));

/** What an earlier case leaves is taken over. */
const made = ({ case: { id }, herd, guests, booters }: RunnablePlan): readonly PlannedGuest[] =>
  herd === id ? [...guests, ...booters] : booters;

function disks(plan: RunnablePlan, inventory: Inventory): PlannedAction[] {
  const { images, storage, hosts } = inventory;
  const machine = storage.kind === "nfs" ? storage.machine.name : (hosts[0]?.name ?? "");
  return made(plan).flatMap(({ image, disk, volumes = [] }) => {
    const known = images[image];
    const clone = known === undefined || disk === undefined ? [] : [cloneDisk(storage, known, disk)];
    return [
      ...clone.map(({ what, apply }) => ({ host: machine, what, command: shellLine(apply.file, apply.args) })),
      ...volumes.flatMap((volume) =>
        volume.on === "local"
          ? plan.hosts.map((name) => ({ host: name, what: makeLocal(inventory, volume).what }))
          : [{ host: machine, what: makeVolume(inventory, volume, volume.use === "root" ? known : undefined).what }],
      ),
    ];
  });
}

const started = (plan: RunnablePlan, inventory: Inventory): PlannedAction[] =>
  made(plan).map(({ name, host, image, address }) => ({
    host,
    what: `define and start ${name}: ${image}, ${plan.case.params.guests.memory} MiB, ${plan.case.params.guests.vcpus} vCPUs${address === undefined ? "" : `, ${address}`} (${hostNamed(inventory, host)?.import ?? "auto"})`,
  }));

function loads(plan: RunnablePlan, inventory: Inventory): PlannedAction[] {
  return [
    ...installed(plan, inventory),
    ...loadsOf(plan.case.params).flatMap((load) => stressed(plan, load)),
    ...plan.booters.map(reset),
  ];
}

function installed({ guests, case: { params } }: RunnablePlan, { images }: Inventory): PlannedAction[] {
  const tools = toolsInGuests(params);
  return guests
    .filter(({ image }) => images[image]?.installTools)
    .flatMap(({ name }) => tools.map((tool) => ({ host: name, what: `install ${tool}, where it is missing` })));
}

function stressed({ hosts, guests }: RunnablePlan, { on, tool, args, hostMemory }: PlannedLoad): PlannedAction[] {
  if (on === "guests")
    return guests.map(({ name }) => ({ host: name, what: "load", command: shellLine(tool, args()) }));
  const host = hosts[on === "source" ? 0 : 1];
  if (hostMemory === undefined) return [{ host, what: "load", command: shellLine(tool, args()) }];
  const amount = hostMemory === "half" ? "half of" : "a little more than";
  const sized = args().map((arg, index, all) => (all[index - 1] === "--vm-bytes" ? "SIZE" : arg));
  return [{ host, what: `load: ${shellLine(tool, sized)}, in all ${amount} the memory that the guests leave free` }];
}

const reset = ({ name, host }: PlannedGuest): PlannedAction => ({
  host,
  what: `reset ${name} again and again, each time that its login can be reached`,
});

/** Ports are opened when a host receives for the first time; what is open already is not touched. */
function opened(leg: number, moves: readonly Move[], inventory: Inventory): PlannedAction[] {
  const receivers = [...new Set(moves.map(({ to }) => to))];
  const first = leg === 1 || (leg === 2 && receivers.length === 1);
  return receivers.flatMap((name) => {
    const firewall = hostNamed(inventory, name)?.firewall ?? "none";
    return !first || firewall === "none" ? [] : [{ host: name, what: `open tcp 49152-49215 in ${firewall}` }];
  });
}

function probed({ hosts, case: { params } }: RunnablePlan): PlannedAction[] {
  const { probes, classes } = params;
  const ports = ["16509", "16514", "49152-49215", ...probes.ports].join(", ");
  return hosts.flatMap((host) => [
    ...(classes.on === undefined ? [] : [{ host, what: `classes for traffic on the ${classes.on} network` }]),
    ...(probes.path ? [{ host, what: `capture tcp ${ports} to and from the other host, and count the packets` }] : []),
    ...(probes.cpu ? [{ host, what: "read the CPU time of libvirt's daemons and of QEMU, twice a second" }] : []),
  ]);
}

function struck({ case: { params } }: RunnablePlan, leg: number, moves: readonly Move[]): PlannedAction[] {
  const ways = [...new Map(moves.map((move) => [`${move.from} ${move.to}`, move])).values()];
  const faults = params.faults.filter((fault) => fault.leg === undefined || fault.leg === leg);
  return faults.flatMap((fault) =>
    ways.map(({ from, to }) => ({
      host: fault.on === "source" ? from : to,
      what: `${FAULTS[fault.do]}${fault.at === "start" ? "" : ", once a guest is half-way"}`,
    })),
  );
}

const FAULTS = {
  "block-rpc": BLOCKS["block-rpc"].what,
  "block-data": BLOCKS["block-data"].what,
  "kill-libvirtd": "end libvirtd and start it again",
} as const;

/** Metadata that changes before this leg, in every guest. */
const changed = ({ case: { params } }: RunnablePlan, leg: number, moves: readonly Move[]): PlannedAction[] =>
  params.guests.metadataChanges
    .filter(({ beforeLeg }) => beforeLeg === leg)
    .flatMap(({ metadata }) =>
      moves.map(({ guest, from }) => ({ host: from, what: `metadata of ${guest}: ${JSON.stringify(metadata)}` })),
    );

/** With the options as they are by the scenario; what somebody puts into a guest's metadata meanwhile, nobody can know. */
function migrated(
  { case: { params }, guests }: RunnablePlan,
  leg: number,
  { guest, from, to }: Move,
  inventory: Inventory,
): PlannedAction {
  const source = hostNamed(inventory, from);
  const target = hostNamed(inventory, to);
  const [file = "", ...args] = migrateArgs({
    guest,
    localDisks: localDisks(guests, guest),
    connectUri: source?.connectUri ?? "",
    peerUri: target?.peerUri ?? "",
    ...(target?.migrationAddress === undefined ? {} : { migrationAddress: target.migrationAddress }),
    options: optionsOfLeg(params, leg),
  });
  return { host: from, what: `migrate ${guest} to ${to}`, command: shellLine(file, args) };
}
