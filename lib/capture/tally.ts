import type { PortGroup } from "../model/ports.js";
import type { Segment } from "./packet.js";
import { type Side, sideOf } from "./sides.js";

/** What packets of one kind on one interface came to; the interface as the capture has it. */
export interface Tallied {
  /** 0: the capture does not say. */
  readonly interfaceIndex: number;
  /** 0: none. The port below a VLAN's own interface sees its packets with their tag. */
  readonly vlan: number;
  readonly group: string;
  readonly direction: "in" | "out";
  readonly side: Side;
  readonly packets: number;
  readonly bytes: number;
  readonly connections: number;
}

/** Bytes of one kind, by the index of it among the tallied. */
export interface TalliedPoint {
  readonly second: number;
  readonly kind: number;
  readonly bytes: number;
}

export interface Tally {
  readonly take: (segment: Segment, data: Buffer, second: number) => void;
  readonly counts: () => Tallied[];
  /** Sorted by time. */
  readonly series: () => TalliedPoint[];
}

/** Bounds of the memory, whatever the capture holds. */
const MAX_KINDS = 4_096;
const MAX_POINTS = 20_000;
const MAX_REVERSED = 5_000;

type Kind = { -readonly [key in keyof Tallied]: Tallied[key] };

/**
 * Adds up segments by interface, direction, group and side. A packet on more than one interface counts on each.
 * Seconds are whole, since the first packet; of a capture of very many they are put together by twos, fours, eights, ….
 */
export function tally(groups: readonly PortGroup[]): Tally {
  const kindOf = kinds(groups);
  const sides = observedSides(groups);
  const series = points();
  return {
    take: (segment, data, second) => {
      const code = sides(segment, data);
      if (code < 0) return;
      const found = kindOf.of(segment, code);
      const kind = kindOf.all[found];
      if (kind === undefined) return;
      kind.packets += 1;
      kind.bytes += segment.bytes;
      if (segment.isSyn && !segment.isAck) kind.connections += 1;
      series.add(second, found, segment.bytes);
    },
    counts: () => [...kindOf.all],
    series: series.all,
  };
}

/** Beyond the bound interfaces are told apart no more. */
function kinds(groups: readonly PortGroup[]) {
  const all: Kind[] = [];
  const known = new Map<number, number>();
  const codes = groups.length * 4;
  const of = ({ interfaceIndex, vlan, isOut }: Segment, code: number): number => {
    const key = (interfaceIndex * 4_096 + vlan) * codes + code * 2 + (isOut ? 1 : 0);
    const found = known.get(key);
    if (found !== undefined) return found;
    if (all.length >= MAX_KINDS && interfaceIndex + vlan !== 0)
      return of({ interfaceIndex: 0, vlan: 0, isOut } as Segment, code);
    known.set(key, all.length);
    const side: Side = code % 2 === 1 ? "from" : "to";
    const name = groups[code >> 1]?.name ?? "?";
    const direction = isOut ? "out" : "in";
    all.push({ interfaceIndex, vlan, group: name, direction, side, packets: 0, bytes: 0, connections: 0 });
    return all.length - 1;
  };
  return { all, of };
}

/**
 * The rule of `sides.ts`, and for connections that were seen to begin the side that listened. Only those are remembered
 * for which the two differ, which are next to none; of very many the older half is forgotten.
 */
function observedSides(groups: readonly PortGroup[]): (segment: Segment, data: Buffer) => number {
  const { sideOf: byRule, ofServer } = sideOf(groups);
  let [young, old] = [new Map<string, number>(), new Map<string, number>()];
  let [youngPorts, oldPorts] = [new Set<number>(), new Set<number>()];
  const remember = (source: number, target: number, key: string, code: number): void => {
    young.delete(key);
    old.delete(key);
    if (byRule(source, target) === code) return;
    if (young.size >= MAX_REVERSED) {
      [old, young] = [young, new Map()];
      [oldPorts, youngPorts] = [youngPorts, new Set()];
    }
    young.set(key, code);
    youngPorts.add(source * 65_536 + target);
  };
  const learn = (segment: Segment, data: Buffer): void => {
    const { sourcePort, targetPort, isAck } = segment;
    const toServer = isAck ? ofServer(targetPort, sourcePort) : ofServer(sourcePort, targetPort);
    const [there, back] = isAck ? [fromServer(toServer), toServer] : [toServer, fromServer(toServer)];
    remember(sourcePort, targetPort, keyOf(segment, data, false), there);
    remember(targetPort, sourcePort, keyOf(segment, data, true), back);
  };
  return (segment, data) => {
    if (segment.isSyn) learn(segment, data);
    const { sourcePort, targetPort } = segment;
    const code = byRule(sourcePort, targetPort);
    if (young.size === 0 && old.size === 0) return code;
    const ports = sourcePort * 65_536 + targetPort;
    if (!youngPorts.has(ports) && !oldPorts.has(ports)) return code;
    const key = keyOf(segment, data, false);
    return young.get(key) ?? old.get(key) ?? code;
  };
}

const fromServer = (code: number): number => (code < 0 ? code : code + 1);

function keyOf({ addressesAt, addressesEnd, sourcePort, targetPort }: Segment, data: Buffer, isBack: boolean): string {
  const middle = (addressesAt + addressesEnd) / 2;
  const [source, target] = [
    data.toString("latin1", addressesAt, middle),
    data.toString("latin1", middle, addressesEnd),
  ];
  return isBack ? `${target}${source}${targetPort} ${sourcePort}` : `${source}${target}${sourcePort} ${targetPort}`;
}

function points() {
  let width = 1;
  let found = new Map<number, number>();
  const put = (second: number, kind: number, bytes: number): void => {
    const key = Math.floor(second / width) * width * MAX_KINDS * 2 + kind;
    found.set(key, (found.get(key) ?? 0) + bytes);
  };
  const read = (): TalliedPoint[] =>
    [...found].map(([key, bytes]) => ({
      ...{ second: Math.floor(key / (MAX_KINDS * 2)), kind: key % (MAX_KINDS * 2) },
      bytes,
    }));
  return {
    add: (second: number, kind: number, bytes: number): void => {
      put(second, kind, bytes);
      if (found.size <= MAX_POINTS) return;
      const all = read();
      width *= 2;
      found = new Map();
      for (const point of all) put(point.second, point.kind, point.bytes);
    },
    all: () => read().sort((a, b) => a.second - b.second || a.kind - b.kind),
  };
}
