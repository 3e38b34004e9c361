import type { LinkType } from "./node-pcap.js";

/** A TCP segment's head. One object, filled anew for each packet: a capture has millions. */
export interface Segment {
  /** 0: the capture does not say. */
  interfaceIndex: number;
  /** 0: without a VLAN tag. */
  vlan: number;
  /** The host sent it. False also where the capture does not say. */
  isOut: boolean;
  sourcePort: number;
  targetPort: number;
  /** Of the IP packet, as its head says; with segmentation offload that is many frames in one. */
  bytes: number;
  isSyn: boolean;
  isAck: boolean;
  /** Both addresses lie here in the packet's buffer, the source first. */
  addressesAt: number;
  addressesEnd: number;
}

export const newSegment = (): Segment => ({
  interfaceIndex: 0,
  vlan: 0,
  isOut: false,
  sourcePort: 0,
  targetPort: 0,
  bytes: 0,
  isSyn: false,
  isAck: false,
  addressesAt: 0,
  addressesEnd: 0,
});

/**
 * Reads the head of a packet of which `kept` bytes are there and `had` passed by. False: no TCP segment with its ports;
 * of an IP packet in fragments only the first one has them. Total: whatever the bytes are, it ends and throws nothing.
 */
export type ReadSegment = (segment: Segment, data: Buffer, kept: number, had: number) => boolean;

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const OUTGOING = 4;

/** Absent: a kind of link that is not read. */
export function segmentReader(linkType: LinkType): ReadSegment | undefined {
  switch (linkType) {
    case 0:
      return (segment, data, kept, had) => kept >= 5 && bare(segment, data, 4, kept, had);
    case 1:
      return ethernet;
    case 12:
    case 101:
    case 228:
    case 229:
      return (segment, data, kept, had) => kept >= 1 && bare(segment, data, 0, kept, had);
    case 113:
      return cooked;
    case 276:
      return cooked2;
    default:
      return undefined;
  }
}

function bare(segment: Segment, data: Buffer, at: number, kept: number, had: number): boolean {
  const version = (data[at] ?? 0) >> 4;
  segment.interfaceIndex = 0;
  segment.isOut = false;
  segment.vlan = 0;
  return version === 4 ? ipv4(segment, data, at, kept, had) : ipv6(segment, data, at, kept, had);
}

function ethernet(segment: Segment, data: Buffer, kept: number, had: number): boolean {
  if (kept < 14) return false;
  segment.interfaceIndex = 0;
  segment.isOut = false;
  return tagged(segment, data, number16(data, 12), 14, kept, had);
}

function cooked(segment: Segment, data: Buffer, kept: number, had: number): boolean {
  if (kept < 16) return false;
  segment.interfaceIndex = 0;
  segment.isOut = number16(data, 0) === OUTGOING;
  return tagged(segment, data, number16(data, 14), 16, kept, had);
}

function cooked2(segment: Segment, data: Buffer, kept: number, had: number): boolean {
  if (kept < 20) return false;
  segment.interfaceIndex = number16(data, 4) * 65_536 + number16(data, 6);
  segment.isOut = data[10] === OUTGOING;
  return tagged(segment, data, number16(data, 0), 20, kept, had);
}

/** In the order of the network. Buffer's own method checks what every caller here has checked. */
const number16 = (data: Buffer, at: number): number => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);

const isTag = (protocol: number): boolean => protocol === 0x8100 || protocol === 0x88a8 || protocol === 0x9100;

/** Of several tags the innermost names the VLAN. */
function tagged(segment: Segment, data: Buffer, first: number, start: number, kept: number, had: number): boolean {
  let protocol = first;
  let at = start;
  segment.vlan = 0;
  while (isTag(protocol)) {
    if (at + 4 > kept) return false;
    segment.vlan = number16(data, at) & 0xfff;
    protocol = number16(data, at + 2);
    at += 4;
  }
  if (protocol === IPV4) return ipv4(segment, data, at, kept, had);
  return protocol === IPV6 && ipv6(segment, data, at, kept, had);
}

function ipv4(segment: Segment, data: Buffer, at: number, kept: number, had: number): boolean {
  if (at + 20 > kept || data[at + 9] !== TCP) return false;
  const first = data[at] ?? 0;
  const headBytes = (first & 0xf) * 4;
  if (first >> 4 !== 4 || headBytes < 20 || (number16(data, at + 6) & 0x1fff) !== 0) return false;
  // 0 stands for a segment that is longer than the field can say.
  segment.bytes = number16(data, at + 2) || had - at;
  segment.addressesAt = at + 12;
  segment.addressesEnd = at + 20;
  return tcp(segment, data, at + headBytes, kept);
}

const TCP = 6;
const FRAGMENT = 44;
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, FRAGMENT, 60]);
const MAX_EXTENSIONS = 8;

function ipv6(segment: Segment, data: Buffer, at: number, kept: number, had: number): boolean {
  if (at + 40 > kept || (data[at] ?? 0) >> 4 !== 6) return false;
  const payloadBytes = number16(data, at + 4);
  segment.bytes = payloadBytes === 0 ? had - at : 40 + payloadBytes;
  segment.addressesAt = at + 8;
  segment.addressesEnd = at + 40;
  const next = data[at + 6] ?? 0;
  const tcpAt = next === TCP ? at + 40 : behindExtensions(data, next, at + 40, kept);
  return tcpAt !== undefined && tcp(segment, data, tcpAt, kept);
}

/** Where TCP begins; absent: it does not, or this is a later fragment. */
function behindExtensions(data: Buffer, first: number, start: number, kept: number): number | undefined {
  let next = first;
  let at = start;
  for (let count = 0; EXTENSIONS.has(next) && count < MAX_EXTENSIONS; count += 1) {
    if (at + 8 > kept) return undefined;
    if (next === FRAGMENT && (number16(data, at + 2) & 0xfff8) !== 0) return undefined;
    const bytes = next === FRAGMENT ? 8 : 8 + (data[at + 1] ?? 0) * 8;
    next = data[at] ?? 0;
    at += bytes;
  }
  return next === TCP ? at : undefined;
}

function tcp(segment: Segment, data: Buffer, at: number, kept: number): boolean {
  if (at + 4 > kept) return false;
  segment.sourcePort = number16(data, at);
  segment.targetPort = number16(data, at + 2);
  const flags = at + 14 <= kept ? (data[at + 13] ?? 0) : 0;
  segment.isSyn = (flags & 0x02) !== 0;
  segment.isAck = (flags & 0x10) !== 0;
  return true;
}
