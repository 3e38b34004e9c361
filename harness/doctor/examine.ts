import { performance } from "node:perf_hooks";
import { HarnessError, messageOf } from "../../lib/errors.js";
import { clockOffset } from "../../lib/host/clock.js";
import { type PeerView, viewOfPeer } from "../../lib/host/peer-view.js";
import { listenOnMigrationPort, PROBED_PORT } from "../../lib/host/port-listener.js";
import { type SurveyQuestions, survey } from "../../lib/host/survey.js";
import type { Host, Inventory } from "../../lib/model/inventory.js";
import { orStop } from "../../lib/transport/opening.js";
import type { Remote } from "../../lib/transport/transport.js";
import { changedNames, type Reached, reachMachines, type Secret } from "../machines.js";
import { memoryGoesTo, namesToKnow } from "./peers.js";
import type { MachineSeen, PairSeen } from "./seen.js";
import { baseDisks, hostFolders, storageFolders } from "./wanted.js";

/** Together below ten seconds, whatever hangs. A machine that is well takes a tenth of it. */
const REACH_MS = 2_800;
const SURVEY_MS = 3_800;
const VIEW_MS = 2_600;

export interface Examined {
  readonly machines: readonly MachineSeen[];
  readonly pairs: readonly PairSeen[];
}

/** A machine, and the way to it while it is looked at. */
interface Patient {
  readonly seen: MachineSeen;
  readonly remote?: Remote;
  readonly close: () => void;
}

/**
 * Looks at every host of an inventory and at the machine that serves the storage, each by itself, then at each host from
 * every other one. Changes nothing. Never throws because of a machine: what it does not say is absent.
 */
export async function examine(inventory: Inventory, secret: Secret): Promise<Examined> {
  const names = changedNames({ hosts: inventory.hosts.map(({ name }) => name), inventory });
  const patients = await Promise.all(names.map((name) => examineMachine(inventory, name, secret)));
  try {
    return { machines: patients.map(({ seen }) => seen), pairs: await examinePairs(patients) };
  } finally {
    for (const { close } of patients) close();
  }
}

/** Without sudo on the way: whether there is one is asked of the machine itself. */
function withoutSudo(inventory: Inventory): Inventory {
  const { storage } = inventory;
  return {
    ...inventory,
    hosts: inventory.hosts.map((host) => ({ ...host, become: "none" as const })),
    ...(storage.kind === "nfs"
      ? { storage: { ...storage, machine: { ...storage.machine, become: "none" as const } } }
      : {}),
  };
}

async function examineMachine(inventory: Inventory, name: string, secret: Secret): Promise<Patient> {
  const host = inventory.hosts.find((one) => one.name === name);
  const login = host ?? (inventory.storage.kind === "nfs" ? inventory.storage.machine : undefined);
  if (login === undefined) throw new HarnessError("internal", `the inventory has no machine ${name}`);
  const seen: MachineSeen = { name, login, inventory, ...(host === undefined ? {} : { host }) };
  const opening = reachMachines(
    { hosts: inventory.hosts.map((one) => one.name), inventory: withoutSudo(inventory) },
    [name],
    secret,
  );
  let reached: Reached;
  try {
    reached = await orStop(opening, { ms: REACH_MS }, () => {
      const message = `${name}: ${login.address ?? name}:${login.port} did not answer within ${REACH_MS / 1000} s: is the machine up?`;
      return new HarnessError("unreachable", message, { reason: "timeout" });
    });
  } catch (error) {
    void opening.then(({ close }) => close());
    return { seen: { ...seen, unreached: failureOf(error) }, close: () => undefined };
  }
  const close = (): void => void reached.close();
  const remote = reached.hosts.get(name) ?? reached.storage;
  if (remote === undefined) return { seen: { ...seen, unreached: failureOf(reached.failures.get(name)) }, close };
  return { seen: { ...seen, ...(await answersOf(remote, seen)) }, remote, close };
}

function failureOf(error: unknown): NonNullable<MachineSeen["unreached"]> {
  const reason = error instanceof HarnessError ? error.details.reason : undefined;
  return { message: messageOf(error), ...(typeof reason === "string" ? { reason } : {}) };
}

const wallClockMs = (): number => performance.timeOrigin + performance.now();

async function answersOf(
  remote: Remote,
  seen: MachineSeen,
): Promise<Pick<MachineSeen, "survey" | "clock" | "unanswered">> {
  const [answered, clock] = await Promise.allSettled([
    bounded(survey(remote.run, questionsFor(seen), SURVEY_MS), SURVEY_MS, seen.name),
    bounded(clockOffset(remote.run, SURVEY_MS, wallClockMs), SURVEY_MS, seen.name),
  ]);
  return {
    ...(answered.status === "fulfilled"
      ? { survey: answered.value }
      : { unanswered: messageOf(answered.reason).replace(new RegExp(`^${seen.name}: `), "") }),
    ...(clock.status === "fulfilled" && clock.value !== undefined ? { clock: clock.value } : {}),
  };
}

const bounded = <T>(work: Promise<T>, ms: number, name: string): Promise<T> =>
  orStop(work, { ms }, () => new HarnessError("deadline", `${name}: no whole answer within ${ms / 1000} s`));

const questionsFor = ({ host, login, inventory }: MachineSeen): SurveyQuestions => ({
  become: login.become,
  ...(host === undefined ? {} : { connectUri: host.connectUri }),
  firewall: host?.firewall ?? "none",
  bridge: inventory.network.bridge,
  ...(host !== undefined && inventory.storage.kind === "directory" ? { sharedFolder: inventory.storage.path } : {}),
  folders: host === undefined ? storageFolders(inventory) : hostFolders(inventory),
  disks: host === undefined ? [] : baseDisks(inventory),
});

type Asked = { readonly seen: MachineSeen & { readonly host: Host }; readonly remote?: Remote };

async function examinePairs(patients: readonly Patient[]): Promise<PairSeen[]> {
  const hosts = patients.flatMap(({ seen, remote }): Asked[] =>
    seen.host === undefined
      ? []
      : [{ seen: { ...seen, host: seen.host }, ...(remote === undefined ? {} : { remote }) }],
  );
  const ready = hosts.map(({ seen, remote }) => (seen.survey?.sudo === undefined ? remote : undefined));
  const listening = await Promise.all(ready.map((remote) => (remote === undefined ? undefined : listen(remote))));
  const pairs = hosts.flatMap((from, a) => hosts.flatMap((to, b) => (a === b ? [] : [{ from, to, a, b }])));
  const views = await Promise.all(
    pairs.map(({ from, to, a, b }) => look(from.seen, to.seen, ready[a], listening[b] !== undefined)),
  );
  await Promise.all(listening.map((running) => running?.stop()));
  return pairs.map(({ from, to, a, b }, index) => {
    const view = views[index];
    const back = views[pairs.findIndex((pair) => pair.a === b && pair.b === a)];
    return {
      ...{ from: from.seen, to: to.seen, isFirst: a < b },
      ...(view === undefined ? {} : { view }),
      ...(back === undefined ? {} : { back }),
    };
  });
}

const listen = (remote: Remote) => bounded(listenOnMigrationPort(remote), 1_000, remote.name).catch(() => undefined);

async function look(
  from: MachineSeen,
  { host, survey: told, inventory, name }: Asked["seen"],
  remote: Remote | undefined,
  isListening: boolean,
): Promise<PeerView | undefined> {
  if (remote === undefined) return undefined;
  const questions = {
    become: from.login.become,
    peerUri: host.peerUri,
    migrationAddress: memoryGoesTo(host, told?.hostname),
    names: namesToKnow(host, told?.hostname, inventory),
    ...(isListening ? { port: PROBED_PORT } : {}),
  };
  // What a host cannot be asked about another one is not known; that it does not answer itself is told of it.
  return bounded(viewOfPeer(remote.run, questions, VIEW_MS), VIEW_MS, name).catch(() => undefined);
}
