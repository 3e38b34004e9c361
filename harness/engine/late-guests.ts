import { messageOf } from "../../lib/errors.js";
import { abortJob, domainStates, jobInfo } from "../../lib/libvirt/virsh.js";
import type { Host } from "../../lib/model/inventory.js";
import type { DomainState } from "../../lib/model/migration.js";
import { until } from "../../lib/poll.js";
import type { Run } from "../../lib/transport/transport.js";

/** A host whose libvirt can be asked. */
export interface Hypervisor {
  readonly host: Pick<Host, "name" | "connectUri">;
  readonly run: Run;
}

const JOBS_END = { everyMs: 200, timeoutMs: 20_000 };

/**
 * Aborts what libvirt itself still does with these guests and waits until it has ended: a migration between two libvirtds
 * goes on when the virsh that began it is gone, and would bring a guest to where it was looked for already. Never rejects:
 * what does not end (postcopy cannot be aborted) is ended with the guest, and a libvirt that does not answer is not waited
 * for, since the undo and the last look tell of it.
 */
export async function endJobs(hosts: readonly Hypervisor[], guests: ReadonlySet<string>): Promise<void> {
  const haveEnded = async (): Promise<boolean> => {
    const active = await Promise.all(
      hosts.map(async (hypervisor) => {
        const states = await guestsOn(hypervisor, guests).catch(() => new Map<string, DomainState>());
        return [...states].flatMap(([name, state]) => (state === "shut off" ? [] : [{ hypervisor, name }]));
      }),
    );
    const idle = await Promise.all(active.flat().map(({ hypervisor, name }) => endJob(hypervisor, name)));
    // On its way a guest is active on both.
    return idle.every(Boolean) && new Set(active.flat().map(({ name }) => name)).size === idle.length;
  };
  const tolerant = (): Promise<boolean> => haveEnded().catch(() => false);
  await until(tolerant, { ...JOBS_END, what: "the migrations to end" }).catch(() => undefined);
}

/** @returns whether there was none */
async function endJob({ host: { connectUri }, run }: Hypervisor, guest: string): Promise<boolean> {
  const { type } = await jobInfo(run, connectUri, guest);
  if (type === "none") return true;
  // A host that receives refuses; it is the sending one that ends it.
  await abortJob(run, connectUri, guest).catch(() => undefined);
  return false;
}

/** What was found of guests that should be nowhere any more. */
export interface Late {
  /** Some were there, and `remove` was called for them. */
  readonly isAny: boolean;
  /** Hosts that could not be asked or not be changed, and why, for people. */
  readonly untold: readonly string[];
}

/** Looks once more, after everything was taken back, whether a guest has come to a host behind its undo. Never rejects. */
export async function lookForLate(
  hosts: readonly Hypervisor[],
  guests: ReadonlySet<string>,
  remove: (hypervisor: Hypervisor, names: readonly string[]) => Promise<void>,
): Promise<Late> {
  const looks = hosts.map(async (hypervisor): Promise<Late> => {
    try {
      const names = [...(await guestsOn(hypervisor, guests)).keys()];
      // What is written down there is left there when it fails, and told by its undo.
      if (names.length > 0) await remove(hypervisor, names).catch(() => undefined);
      return { isAny: names.length > 0, untold: [] };
    } catch (error) {
      const why = `whether a guest came there late nobody can say: ${messageOf(error)}`;
      return { isAny: false, untold: [`${hypervisor.host.name}: ${why}`] };
    }
  });
  const found = await Promise.all(looks);
  return { isAny: found.some(({ isAny }) => isAny), untold: found.flatMap(({ untold }) => untold) };
}

async function guestsOn(
  { host, run }: Hypervisor,
  guests: ReadonlySet<string>,
): Promise<ReadonlyMap<string, DomainState>> {
  const states = await domainStates(run, host.connectUri);
  return new Map([...states].filter(([name]) => guests.has(name)));
}
