import { HarnessError, messageOf } from "../lib/errors.js";
import type { Host, Inventory, Machine } from "../lib/model/inventory.js";
import type { JobRecord } from "../lib/model/job.js";
import type { PlannedGuest } from "../lib/model/plan.js";
import type { LoginEdges } from "../lib/transport/connect.js";
import { knownHostsLine } from "../lib/transport/known-hosts.js";
import { openLocal } from "../lib/transport/local-remote.js";
import { openSsh, type SshLogin } from "../lib/transport/ssh.js";
import type { Remote } from "../lib/transport/transport.js";

/** Open ways to every machine of an inventory. */
export interface Machines {
  /** Host name → remote. */
  readonly hosts: ReadonlyMap<string, Remote>;
  /** Machine on which disks are made; one of the hosts where they share a directory. Absent without storage. */
  readonly storage?: Remote;
  readonly observer: Remote;
  readonly openGuest: (guest: PlannedGuest, address: string) => Promise<Remote>;
  /** Guests of these names are gone: whoever is made with such a name next shows a key of its own. */
  readonly forgetGuests: (names: readonly string[]) => void;
  /** What each machine and guest that was logged in to has shown as its key, as lines of a known_hosts file. */
  readonly knownHosts: () => readonly string[];
  /** Hosts, storage and observer, each once. */
  readonly all: readonly Remote[];
  readonly close: () => Promise<void>;
}

/**
 * Opens a connection to the two hosts of a job, the storage and the observer, all at once.
 * @throws HarnessError `unreachable` naming every machine that cannot be spoken to
 */
export async function openMachines(inventory: Inventory, hosts: readonly Host[], secret: Secret): Promise<Machines> {
  const storageMachine = inventory.storage.kind === "nfs" ? inventory.storage.machine : undefined;
  const keys = new Map<string, string>();
  const noting = ({ name, address, port }: SshLogin): LoginEdges => ({
    secret,
    onTrustedKey: (key) => keys.set(name, knownHostsLine(address, port, key)),
  });
  const open = (login: SshLogin) => () => openSsh(login, noting(login));
  const wanted = [
    ...hosts.map((host) => () => openHost(host, noting)),
    ...[storageMachine, inventory.observer].flatMap((machine) => (machine === undefined ? [] : open(loginOf(machine)))),
  ];
  const opened = await allOrNone(wanted);
  const byName = new Map(opened.map((remote) => [remote.name, remote]));
  const observer = inventory.observer === undefined ? openLocal("runner") : byName.get(inventory.observer.name);
  const storage = storageMachine === undefined ? opened[0] : byName.get(storageMachine.name);
  if (observer === undefined) throw new HarnessError("internal", "the observer was not opened");

  const firstKeys = new Map<string, string>();
  return {
    hosts: new Map(hosts.flatMap(({ name }) => pair(name, byName.get(name)))),
    ...(inventory.storage.kind === "none" || storage === undefined ? {} : { storage }),
    observer,
    openGuest: (guest, address) => openGuest(inventory, guest, address, { noting, observer, firstKeys }),
    forgetGuests: (names) => {
      for (const known of [firstKeys, keys]) for (const name of names) known.delete(name);
    },
    knownHosts: () => [...keys.values()],
    all: [...new Set([...opened, observer])],
    close: async () => {
      await Promise.all([...opened, observer].map((remote) => remote.close()));
    },
  };
}

/** Those machines of a job that could be spoken to. */
export interface Reached extends Pick<Machines, "hosts" | "storage" | "close"> {
  /** Machine → why it could not be spoken to. */
  readonly unreached: ReadonlyMap<string, string>;
  /** The same as they were thrown: `details.reason` says of which kind. */
  readonly failures: ReadonlyMap<string, unknown>;
}

type JobMachines = Pick<JobRecord, "inventory"> & { readonly hosts: readonly string[] };

/** Names of the machines that a job may change: its two hosts, and the one that serves the storage. */
export const changedNames = ({ hosts, inventory: { storage } }: JobMachines): string[] => [
  ...new Set([...hosts, ...(storage.kind === "nfs" ? [storage.machine.name] : [])]),
];

/** Opens those machines of a job, each on its own: one that cannot be spoken to does not keep the others shut. */
export async function reachMachines(job: JobMachines, names: readonly string[], secret: Secret): Promise<Reached> {
  const [opened, failures] = [new Map<string, Remote>(), new Map<string, unknown>()];
  const answers = await Promise.allSettled(names.map(async (name) => openChanged(job, name, secret)));
  // In the order of the names, not of the answers.
  answers.forEach((answer, index) => {
    const name = names[index] ?? "";
    if (answer.status === "fulfilled") opened.set(name, answer.value);
    else failures.set(name, answer.reason);
  });
  const isHost = (name: string): boolean => job.hosts.includes(name);
  const storage = [...opened.values()].find(({ name }) => !isHost(name));
  return {
    hosts: new Map([...opened].filter(([name]) => isHost(name))),
    ...(storage === undefined ? {} : { storage }),
    unreached: new Map([...failures].map(([name, error]) => [name, messageOf(error)])),
    failures,
    close: async () => {
      await Promise.all([...opened.values()].map((remote) => remote.close()));
    },
  };
}

function openChanged({ hosts, inventory }: JobMachines, name: string, secret: Secret): Promise<Remote> {
  const host = hosts.includes(name) ? inventory.hosts.find((known) => known.name === name) : undefined;
  if (host !== undefined) return openHost(host, () => ({ secret }));
  const { storage } = inventory;
  if (storage.kind === "nfs" && storage.machine.name === name) return openSsh(loginOf(storage.machine), { secret });
  throw new HarnessError("bad-input", `the inventory has no machine ${name}`);
}

export type Secret = (environmentName: string) => string | undefined;

const pair = (name: string, remote: Remote | undefined): (readonly [string, Remote])[] =>
  remote === undefined ? [] : [[name, remote]];

async function openHost(host: Host, edgesOf: (login: SshLogin) => LoginEdges): Promise<Remote> {
  if (host.local) return openLocal(host.name, host.become);
  const login = loginOf(host);
  return openSsh(login, edgesOf(login));
}

function loginOf(machine: Machine | Host): SshLogin {
  const { name, address, port, user, identityFile, passphraseEnv, passwordEnv, agent, hostKey, knownHosts, become } =
    machine;
  return {
    name,
    address: address ?? name,
    port,
    user,
    agent,
    become,
    ...(identityFile === undefined ? {} : { identityFile }),
    ...(passphraseEnv === undefined ? {} : { passphraseEnv }),
    ...(passwordEnv === undefined ? {} : { passwordEnv }),
    ...(hostKey === undefined ? {} : { hostKey }),
    ...(knownHosts === undefined ? {} : { knownHosts }),
  };
}

interface GuestEdges {
  readonly noting: (login: SshLogin) => LoginEdges;
  readonly observer: Remote;
  readonly firstKeys: Map<string, string>;
}

async function openGuest(
  { images, observer: onlooker }: Inventory,
  { name, image }: PlannedGuest,
  address: string,
  { noting, observer, firstKeys }: GuestEdges,
): Promise<Remote> {
  const login = images[image]?.login;
  if (login === undefined) throw new HarnessError("bad-input", `the inventory has no image ${image}`);
  const pinned = login.hostKey === "first-use" ? (firstKeys.get(name) ?? "first-use") : login.hostKey;
  const into = { ...login, name, address, hostKey: pinned, ...(onlooker === undefined ? {} : { via: observer }) };
  const onFirstKey = (fingerprint: string): void => void firstKeys.set(name, fingerprint);
  return openSsh(into, { ...noting(into), remoteTimeout: false, onFirstKey });
}

async function allOrNone(open: readonly (() => Promise<Remote>)[]): Promise<Remote[]> {
  const results = await Promise.allSettled(open.map((start) => start()));
  const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failures = results.flatMap((result) =>
    result.status === "rejected" ? [String(result.reason?.message ?? result.reason)] : [],
  );
  if (failures.length === 0) return opened;
  await Promise.all(opened.map((remote) => remote.close()));
  throw new HarnessError("unreachable", failures.join("\n"));
}
