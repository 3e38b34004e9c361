import type { Segment } from "./packet.js";

/** All segments that have this port at one end, as `tcpdump tcp port N` counts them; connections that were opened to it. */
export interface PortCount {
  readonly port: number;
  readonly packets: number;
  readonly bytes: number;
  readonly connections: number;
}

const PORTS = 65_536;

/** Counts of every port, in memory that does not grow. */
export function portTable() {
  const [packets, bytes, connections] = [new Float64Array(PORTS), new Float64Array(PORTS), new Float64Array(PORTS)];
  const add = (port: number, segmentBytes: number): void => {
    packets[port] = (packets[port] ?? 0) + 1;
    bytes[port] = (bytes[port] ?? 0) + segmentBytes;
  };
  return {
    take: ({ sourcePort, targetPort, bytes: segmentBytes, isSyn, isAck }: Segment): void => {
      add(sourcePort, segmentBytes);
      if (targetPort !== sourcePort) add(targetPort, segmentBytes);
      if (isSyn && !isAck) connections[targetPort] = (connections[targetPort] ?? 0) + 1;
    },
    /** Of the ports that were seen. */
    counts: (): PortCount[] =>
      Array.from(packets, (count, port) => ({
        port,
        packets: count,
        bytes: bytes[port] ?? 0,
        connections: connections[port] ?? 0,
      })).filter((one) => one.packets > 0),
  };
}
