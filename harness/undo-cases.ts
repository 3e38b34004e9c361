import { changeHosts, undoAll } from "../lib/journal/change-host.js";
import type { Outstanding } from "../lib/journal/journal.js";
import { guestGone } from "../lib/libvirt/guest-change.js";
import type { LockedMachine } from "../lib/lock/guarded.js";
import type { JobRecord } from "../lib/model/job.js";
import type { CaseJournal } from "./case-journals.js";
import { endJobs, lookForLate } from "./engine/late-guests.js";

/** What taking back the cases of a dead job came to. */
export interface Undone {
  readonly undone: readonly string[];
  readonly leftovers: string[];
  /** Machines on which something is left. */
  readonly stuck: ReadonlySet<string>;
}

/**
 * Takes back what every case of a dead job left. A migration between two libvirtds outlives its virsh: it is ended first,
 * and a guest that came through behind its undo is taken away too. Never throws.
 */
export async function undoCases(
  { inventory }: JobRecord,
  journals: readonly CaseJournal[],
  machines: ReadonlyMap<string, LockedMachine>,
  token: string,
): Promise<Undone> {
  const hosts = inventory.hosts.flatMap((host) => {
    const machine = machines.get(host.name);
    return machine === undefined ? [] : [{ host, run: machine.remote.run }];
  });
  const guests = new Set(journals.flatMap((journal) => journal.guests));
  if (guests.size === 0) return undoJournals(journals, machines, token);
  await endJobs(hosts, guests);
  const first = await undoJournals(journals, machines, token);
  const late = await lookForLate(hosts, guests, async ({ host: { name, connectUri } }, names) => {
    const machine = machines.get(name);
    if (machine === undefined) return;
    for (const [journal, late] of byJournal(journals, names))
      await changeHosts(
        { journal, ...machine, token },
        late.map((guest) => guestGone(guest, connectUri)),
      );
  });
  const last = late.isAny ? await undoJournals(journals, machines, token) : first;
  return {
    undone: [...new Set([...first.undone, ...last.undone])],
    leftovers: [...last.leftovers, ...late.untold],
    stuck: last.stuck,
  };
}

/** Guests that are handed on are those of several cases; each is written down once, where it is taken back last. */
function byJournal(journals: readonly CaseJournal[], guests: readonly string[]): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const guest of guests) {
    const last = journals.findLast((journal) => journal.guests.includes(guest));
    if (last !== undefined) found.set(last.path, [...(found.get(last.path) ?? []), guest]);
  }
  return found;
}

async function undoJournals(
  journals: readonly CaseJournal[],
  machines: ReadonlyMap<string, LockedMachine>,
  token: string,
): Promise<Undone> {
  const [undone, leftovers, stuck]: [string[], string[], Set<string>] = [[], [], new Set()];
  const onUndo = (entry: Outstanding, failure: string | undefined): void => {
    if (failure === undefined) undone.push(named(entry));
    else stuck.add(entry.host);
  };
  for (const { path } of journals)
    leftovers.push(...(await undoAll(path, (name) => machines.get(name), token, { onUndo })));
  return { undone, leftovers, stuck };
}

/** For people. */
export const named = ({ host, what }: Outstanding): string => `${host}: ${what}`;
