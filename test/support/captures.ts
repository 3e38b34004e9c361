import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A recorded capture, as bytes. */
export const captureFile = (name: string): string => join(import.meta.dirname, "../fixtures/tcpdump-4.99", name);
export const captureBytes = (name: string): Buffer => readFileSync(captureFile(name));

const HEAD_BYTES = 24;
const RECORD_HEAD_BYTES = 16;

interface Packet {
  /** The 16 bytes before it. */
  readonly head: Buffer;
  readonly data: Buffer;
}

export function packetsOf(pcap: Buffer): Packet[] {
  const packets: Packet[] = [];
  for (let at = HEAD_BYTES; at < pcap.length; ) {
    const head = pcap.subarray(at, at + RECORD_HEAD_BYTES);
    const data = pcap.subarray(at + RECORD_HEAD_BYTES, at + RECORD_HEAD_BYTES + head.readUInt32LE(8));
    packets.push({ head, data });
    at += RECORD_HEAD_BYTES + data.length;
  }
  return packets;
}

/** The same capture with every packet changed, and of another link type. */
export function rewritten(pcap: Buffer, linkType: number, change: (data: Buffer) => Buffer): Buffer {
  const file = Buffer.from(pcap.subarray(0, HEAD_BYTES));
  file.writeUInt32LE(linkType, 20);
  const records = packetsOf(pcap).map(({ head, data }) => {
    const changed = change(data);
    const own = Buffer.from(head);
    own.writeUInt32LE(changed.length, 8);
    own.writeUInt32LE(head.readUInt32LE(12) + changed.length - data.length, 12);
    return Buffer.concat([own, changed]);
  });
  return Buffer.concat([file, ...records]);
}

/** The same packets in a pcapng of one section and one interface. */
export function pcapng(pcap: Buffer): Buffer {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(0x1a2b3c4d, 0);
  section.writeUInt16LE(1, 4);
  section.fill(0xff, 8);
  const link = Buffer.alloc(8);
  link.writeUInt16LE(pcap.readUInt32LE(20), 0);
  link.writeUInt32LE(pcap.readUInt32LE(16), 4);
  const packets = packetsOf(pcap).map(({ head, data }) => {
    const time = BigInt(head.readUInt32LE(0)) * 1_000_000n + BigInt(head.readUInt32LE(4));
    const own = Buffer.alloc(20);
    own.writeUInt32LE(Number(time >> 32n), 4);
    own.writeUInt32LE(Number(time & 0xffff_ffffn), 8);
    own.writeUInt32LE(head.readUInt32LE(8), 12);
    own.writeUInt32LE(head.readUInt32LE(12), 16);
    return block(6, Buffer.concat([own, data, Buffer.alloc((4 - (data.length % 4)) % 4)]));
  });
  return Buffer.concat([block(0x0a0d0d0a, section), block(1, link), ...packets]);
}

function block(type: number, body: Buffer): Buffer {
  const [head, tail] = [Buffer.alloc(8), Buffer.alloc(4)];
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(body.length + 12, 4);
  tail.writeUInt32LE(body.length + 12, 0);
  return Buffer.concat([head, body, tail]);
}
