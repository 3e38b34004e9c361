import { HarnessError } from "../lib/errors.js";
import type { Host, Inventory, Machine } from "../lib/model/inventory.js";
import type { PlannedGuest } from "../lib/model/plan.js";
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
  const wanted = [
    ...hosts.map((host) => () => openHost(host, secret)),
    ...(storageMachine === undefined ? [] : [() => openSsh(loginOf(storageMachine), { secret })]),
    ...(inventory.observer === undefined ? [] : [() => openSsh(loginOf(inventory.observer as Machine), { secret })]),
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
    openGuest: (guest, address) => openGuest(inventory, guest, address, { secret, observer, firstKeys }),
    all: [...new Set([...opened, observer])],
    close: async () => {
      await Promise.all([...opened, observer].map((remote) => remote.close()));
    },
  };
}

export type Secret = (environmentName: string) => string | undefined;

const pair = (name: string, remote: Remote | undefined): (readonly [string, Remote])[] =>
  remote === undefined ? [] : [[name, remote]];

const openHost = async (host: Host, secret: Secret): Promise<Remote> =>
  host.local
    ? openLocal(host.name, host.become)
    : openSsh({ ...loginOf(host), address: host.address ?? host.name }, { secret });

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

async function openGuest(
  { images, observer: onlooker }: Inventory,
  { name, image }: PlannedGuest,
  address: string,
  { secret, observer, firstKeys }: { secret: Secret; observer: Remote; firstKeys: Map<string, string> },
): Promise<Remote> {
  const login = images[image]?.login;
  if (login === undefined) throw new HarnessError("bad-input", `the inventory has no image ${image}`);
  const pinned = login.hostKey === "first-use" ? (firstKeys.get(name) ?? "first-use") : login.hostKey;
  return openSsh(
    { ...login, name, address, hostKey: pinned, ...(onlooker === undefined ? {} : { via: observer }) },
    { secret, remoteTimeout: false, onFirstKey: (fingerprint) => firstKeys.set(name, fingerprint) },
  );
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
