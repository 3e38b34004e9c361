import type { PacketCount } from "../model/path.js";
import type { PortGroup } from "../model/ports.js";

/**
 * Which group a packet belongs to, and on which side its port is. The one rule for captures and counters:
 *
 * 1. The groups are tried in the order of `byPrecedence`, each first as the packet's destination and then as its source;
 *    the first that fits counts, and no other.
 * 2. A range of ports fits only when the port at the other end is 1024 or more: an answer of sshd to a client whose own
 *    port happens to lie in the range is none of it.
 *
 * A capture knows better where it saw the connection begin: then the side that listened is the server's (`sides` of
 * `tally.ts`). A packet filter does not remember, so a connection from 49160 to 49152 counts there as going to 49160's
 * side in both directions. Both sides added up are the same in either.
 */
export const byPrecedence = (groups: readonly PortGroup[]): PortGroup[] =>
  [...groups].sort((a, b) => Number(isRange(a)) - Number(isRange(b)));

/** A single port is somebody's on purpose, a range may hold a client's. */
export const isRange = ({ first, last }: PortGroup): boolean => last > first;

/** Ports below are never a client's own choice. */
export const FIRST_CLIENT_PORT = 1024;

export type Side = PacketCount["side"];

/** Index of the group among `groups` times two, and one more for side `from`; -1: of none. A number for speed. */
export type SideOf = (sourcePort: number, targetPort: number) => number;

export function sideOf(groups: readonly PortGroup[]): { readonly sideOf: SideOf; readonly ofServer: SideOf } {
  const order = byPrecedence(groups);
  const index = new Int16Array(65_536).fill(-1);
  for (const [rank, { first, last }] of [...order.entries()].reverse()) index.fill(rank, first, last + 1);
  const place = order.map((group) => groups.indexOf(group));
  const ranges = order.map(isRange);
  const rank = (port: number, other: number): number => {
    const found = index[port] ?? -1;
    return found >= 0 && ranges[found] === true && other < FIRST_CLIENT_PORT ? -1 : found;
  };
  const code = (found: number, isFrom: boolean): number =>
    found < 0 ? -1 : (place[found] ?? 0) * 2 + (isFrom ? 1 : 0);
  return {
    sideOf: (source, target) => {
      const to = rank(target, source);
      const from = rank(source, target);
      return from >= 0 && (to < 0 || from < to) ? code(from, true) : code(to, false);
    },
    /** For a packet whose target is known to be the server; the other direction of it has one more. */
    ofServer: (_source, server) => code(index[server] ?? -1, false),
  };
}
