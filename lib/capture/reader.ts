import { writeSync } from "node:fs";
import { messageOf } from "../errors.js";
import type { ReadAnswer, ReadOrder } from "./analyse.js";
import { openCapture } from "./node-pcap.js";
import { newSegment, segmentReader } from "./packet.js";
import { portTable } from "./port-table.js";
import { tally } from "./tally.js";

/** Of a pcap file, before all packets and before each. */
const PCAP_HEAD_BYTES = 24;
const RECORD_HEAD_BYTES = 16;

/**
 * A process of its own: `reader.js PATH ORDER` reads a capture to its end and prints a `ReadAnswer`. Reading blocks, libpcap
 * is handed whatever somebody found, and a capture that grows is waited for; none of this may happen in the runner.
 */
const [path = "-", orderText = "{}"] = process.argv.slice(2);
const answer = await read(path, JSON.parse(orderText) as ReadOrder).catch(
  (error: unknown): ReadAnswer => ({ kind: "no-capture", reason: messageOf(error) }),
);
const text = Buffer.from(JSON.stringify(answer));
for (let at = 0; at < text.length; ) at += writeSync(1, text, at);

async function read(path: string, { groups, byPort, maxBytes }: ReadOrder): Promise<ReadAnswer> {
  const capture = openCapture(path);
  const readSegment = segmentReader(capture.linkType);
  if (readSegment === undefined)
    return { kind: "no-capture", reason: `packets of link type ${capture.linkType} are not read here` };
  const [tallied, ports, segment] = [tally(groups), portTable(), newSegment()];
  let [packets, segments, firstS] = [0, 0, 0];
  let [bytes, keptBytes] = [PCAP_HEAD_BYTES, PCAP_HEAD_BYTES];
  const { isWhole } = await capture.each((data, header) => {
    const second = header[0] ?? 0;
    const kept = header[2] ?? 0;
    packets += 1;
    if (packets === 1) firstS = second;
    bytes += RECORD_HEAD_BYTES + kept;
    if (bytes <= maxBytes) keptBytes = bytes;
    if (!readSegment(segment, data, Math.min(kept, data.length), header[3] ?? 0)) return;
    segments += 1;
    tallied.take(segment, data, Math.max(0, second - firstS));
    if (byPort) ports.take(segment);
  });
  return {
    kind: "read",
    ...{ packets, segments, firstS, isWhole, keptBytes },
    ...{ counts: tallied.counts(), series: tallied.series() },
    ...(byPort ? { ports: ports.counts() } : {}),
  };
}
