import assert from "node:assert/strict";
import fc from "fast-check";
import { newSegment, segmentReader } from "../../../../lib/capture/packet.js";
import { sideOf } from "../../../../lib/capture/sides.js";
import { tally } from "../../../../lib/capture/tally.js";
import { portGroups } from "../../../../lib/model/ports.js";
import { captureBytes, packetsOf } from "../../../support/captures.js";

const LINK_TYPES = [0, 1, 12, 101, 113, 228, 229, 276];
const GROUPS = portGroups([2049]);

describe("the head of a packet", () => {
  it("is read whatever the bytes are", () => {
    const real = ["ethernet.pcap", "sll.pcap", "sll2.pcap"].flatMap((name) => packetsOf(captureBytes(name)));
    const mutated = fc
      .tuple(fc.constantFrom(...real), fc.array(fc.tuple(fc.nat(95), fc.nat(255)), { maxLength: 8 }), fc.nat(96))
      .map(([{ data }, changes, length]) => {
        const bytes = Buffer.from(data);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return bytes.subarray(0, length);
      });
    const noise = fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes));
    const tallied = tally(GROUPS);
    fc.assert(
      fc.property(fc.oneof(mutated, noise), fc.constantFrom(...LINK_TYPES), fc.nat(100_000), (data, linkType, had) => {
        const segment = newSegment();
        if (!segmentReader(linkType)?.(segment, data, data.length, had)) return;
        assert.ok(segment.sourcePort < 65_536 && segment.targetPort < 65_536 && segment.vlan < 4_096);
        assert.ok(segment.addressesEnd <= data.length);
        tallied.take(segment, data, had);
      }),
      { numRuns: 5_000 },
    );
    assert.ok(tallied.counts().every(({ packets, bytes }) => packets > 0 && Number.isInteger(bytes)));
  });
  it("is not read of a link that nobody knows", () => assert.equal(segmentReader(147), undefined));
  it("takes the length of a segment that is too long for its field from the wire", () => {
    const packet = packetsOf(captureBytes("ethernet.pcap")).find(({ data }) => data.readUInt16BE(12) === 0x0800);
    const data = Buffer.from(packet?.data ?? []);
    data.writeUInt16BE(0, 16);
    const segment = newSegment();
    assert.ok(segmentReader(1)?.(segment, data, data.length, 100_014));
    assert.equal(segment.bytes, 100_000);
  });
});

describe("the side of a packet", () => {
  const { sideOf: rule } = sideOf(GROUPS);
  const told = (source: number, target: number): string => {
    const code = rule(source, target);
    return code < 0 ? "none" : `${GROUPS[code >> 1]?.name} ${code % 2 === 1 ? "from" : "to"}`;
  };
  for (const [source, target, expected] of [
    [40_000, 16_509, "rpc to"],
    [16_509, 40_000, "rpc from"],
    [49_160, 16_509, "rpc to"],
    [16_509, 49_160, "rpc from"],
    [40_000, 49_215, "data to"],
    [49_152, 40_000, "data from"],
    [40_000, 49_216, "none"],
    [2049, 49_180, "port-2049 from"],
    [800, 2049, "port-2049 to"],
    [22, 49_190, "none"],
    [49_190, 22, "none"],
    [49_152, 49_170, "data to"],
  ] as const)
    it(`${source} to ${target}: ${expected}`, () => assert.equal(told(source, target), expected));
});

describe("the tally", () => {
  const segment = (sourcePort: number, targetPort: number, more: object = {}) => ({
    ...newSegment(),
    ...{ sourcePort, targetPort, bytes: 100, addressesAt: 0, addressesEnd: 8 },
    ...more,
  });
  const addresses = Buffer.from([1, 1, 1, 1, 2, 2, 2, 2]);
  const back = Buffer.from([2, 2, 2, 2, 1, 1, 1, 1]);

  it("knows the server of a connection that was seen to begin, from either of its first two segments", () => {
    for (const first of [
      [segment(49_160, 49_152, { isSyn: true }), addresses],
      [segment(49_152, 49_160, { isSyn: true, isAck: true }), back],
    ] as const) {
      const one = tally(GROUPS);
      one.take(...first, 0);
      one.take(segment(49_152, 49_160), back, 0);
      // The same ports of other machines are another connection.
      one.take(segment(49_152, 49_160), Buffer.alloc(8, 7), 0);
      const from = one.counts().find(({ side }) => side === "from");
      const to = one.counts().find(({ side }) => side === "to");
      assert.equal((from?.packets ?? 0) + (to?.packets ?? 0), 3);
      assert.equal(from?.packets, first[0].isAck ? 2 : 1);
    }
  });
  it("leaves out a connection whose server was seen to be another", () => {
    const one = tally(GROUPS);
    one.take(segment(49_160, 5900, { isSyn: true }), addresses, 0);
    one.take(segment(5900, 49_160), back, 0);
    assert.deepEqual(one.counts(), []);
  });
  it("takes no more memory for a long capture, many interfaces or many connections", () => {
    const one = tally(GROUPS);
    for (let count = 0; count < 60_000; count += 1) {
      const more = { interfaceIndex: count % 9_000, isSyn: true };
      one.take(segment(49_160 + (count % 50), 1024 + (count % 40_000), more), addresses, 0);
      one.take(segment(40_000, 49_152, { interfaceIndex: 1 + (count % 2) }), addresses, count * 3);
    }
    assert.ok(one.counts().length <= 4_096 + 50);
    assert.ok(one.series().length <= 20_000);
    const bytes = one.series().reduce((sum, point) => sum + point.bytes, 0);
    assert.equal(
      bytes,
      one.counts().reduce((sum, count) => sum + count.bytes, 0),
    );
  });
});
