import type { CaptureEvidence, CounterGain, PacketCount } from "../../lib/model/path.js";

/** Of what the counters say. */
const TOLERANCE = 0.01;
/** Between the start of one and of the other, and at the end, the daemons go on talking for a moment. */
const ALLOWANCE_BYTES = 64 * 1024;
/** What a dropped packet may have held at most. */
const LARGEST_PACKET_BYTES = 65_535;
/** Heads of one more packet where the kernel, and not the card, cut a big one behind the counters: IPv6 and TCP with options. */
const HEAD_BYTES = 100;

/**
 * What speaks against captures and counters having seen the same, for each host, group and direction: empty when they
 * agree within 1 % of the bytes, 64 KiB, and the packets that the capture says it lost. The two sides of a group are
 * added up, for a packet filter cannot always tell them apart (`lib/capture/sides.ts`).
 */
export const agree = (captures: readonly CaptureEvidence[], counters: readonly CounterGain[]): string[] => [
  ...counters.flatMap(({ host, counts }) => {
    const capture = captures.find((one) => one.host === host);
    if (capture === undefined) return [`${host}: there are counters and no capture`];
    if (capture.problem !== undefined) return [`${host}: the capture cannot be relied upon: ${capture.problem}`];
    return differences(capture, counts);
  }),
  ...captures
    .filter(({ host }) => counters.every((one) => one.host !== host))
    .map(({ host }) => `${host}: there is a capture and no counters`),
];

function differences(capture: CaptureEvidence, counts: readonly PacketCount[]): string[] {
  const { host, dropped = 0, stackInterfaces } = capture;
  const seen = capture.counts.filter((count) => stackInterfaces?.includes(count.interface) ?? true);
  const kinds = new Map(
    [...counts, ...seen].map(({ group, direction }) => [`${group} ${direction}`, { group, direction }]),
  );
  return [...kinds.values()].flatMap((kind) => {
    const [captured, counted] = [sumOf(seen, kind), sumOf(counts, kind)];
    const heads = Math.max(0, captured.packets - counted.packets) * HEAD_BYTES;
    const slack = counted.bytes * TOLERANCE + ALLOWANCE_BYTES;
    const surplus = captured.bytes - counted.bytes;
    if (surplus <= slack + heads && -surplus <= slack + dropped * LARGEST_PACKET_BYTES) return [];
    return [
      `${host}: ${kind.group} ${kind.direction}: the capture has ${told(captured)}, the counters ${told(counted)}, and ${dropped} packets were reported as dropped`,
    ];
  });
}

type Kind = Pick<PacketCount, "group" | "direction">;
type Sum = Pick<PacketCount, "packets" | "bytes">;

const sumOf = (counts: readonly PacketCount[], { group, direction }: Kind): Sum =>
  counts
    .filter((one) => one.group === group && one.direction === direction)
    .reduce((sum, { packets, bytes }) => ({ packets: sum.packets + packets, bytes: sum.bytes + bytes }), {
      packets: 0,
      bytes: 0,
    });

const told = ({ packets, bytes }: Sum): string => `${bytes} bytes in ${packets} packets`;
