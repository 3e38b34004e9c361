import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Analysis, analyseFile, analyseStream } from "../../../../lib/capture/analyse.js";
import { portGroups } from "../../../../lib/model/ports.js";
import { captureBytes, captureFile, pcapng, rewritten } from "../../../support/captures.js";

const GROUPS = portGroups([2049]);
/** What `tcpdump -r FILE --count tcp port N` of 4.99.3 says of the recorded captures. */
const TCPDUMP = { 16509: 24, 49152: 45, 49160: 8, 2049: 8, 22: 8 };

describe("the analysis of a capture", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-capture-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const analysed = (bytes: Buffer | string): Promise<Analysis> => {
    const path = join(folder, "some.pcap");
    writeFileSync(path, bytes);
    return analyseFile(path, GROUPS, true);
  };
  const ethernet = captureBytes("ethernet.pcap");
  const perPort = ({ ports = [] }: Analysis): object =>
    Object.fromEntries(ports.filter(({ port }) => port in TCPDUMP).map(({ port, packets }) => [port, packets]));
  const sum = ({ counts }: Analysis, group: string, side: string): readonly number[] => {
    const found = counts.filter((one) => one.group === group && one.side === side);
    return (["packets", "bytes", "connections"] as const).map((key) => found.reduce((all, one) => all + one[key], 0));
  };

  for (const name of ["ethernet.pcap", "sll.pcap", "sll2.pcap"])
    it(`counts in ${name} what tcpdump counts, per port, and per group by who listened`, async () => {
      const found = await analyseFile(captureFile(name), GROUPS, true);
      assert.deepEqual([found.packets, found.segments, found.isWhole], [101, 85, true]);
      assert.deepEqual(perPort(found), TCPDUMP);
      assert.deepEqual(sum(found, "rpc", "to"), [15, 5104, 3]);
      assert.deepEqual(sum(found, "rpc", "from"), [9, 552, 0]);
      // Among them a connection from 49170 to 49152; those from 49180 to 2049 and from 49190 to 22 are not.
      assert.deepEqual(sum(found, "data", "to"), [27, 302_528, 3]);
      assert.deepEqual(sum(found, "data", "from"), [18, 1100, 0]);
      assert.deepEqual(sum(found, "port-2049", "to")[2], 1);
    });
  it("tells the second of the first packet, from which the series counts", async () => {
    const { firstS } = await analysed(ethernet);
    // Behind the head of the file: seconds of the first packet.
    assert.equal(firstS, ethernet.readUInt32LE(24));
    assert.ok(firstS > 1_600_000_000);
  });
  it("tells interface and direction where the capture does", async () => {
    const { counts } = await analyseFile(captureFile("sll2.pcap"), GROUPS);
    assert.deepEqual([...new Set(counts.map(({ interfaceIndex }) => interfaceIndex))], [2]);
    assert.ok(counts.every(({ direction, side }) => (direction === "out") === (side === "to")));
  });

  const tag = (data: Buffer): Buffer =>
    Buffer.concat([data.subarray(0, 12), Buffer.from([0x81, 0, 0x20, 100]), data.subarray(12)]);
  const isIp = (data: Buffer): boolean => [0x0800, 0x86dd].includes(data.readUInt16BE(12));
  for (const [what, bytes] of [
    ["a pcapng", pcapng(ethernet)],
    ["a tagged VLAN", rewritten(ethernet, 1, tag)],
    ["a tag in a tag", rewritten(ethernet, 1, (data) => tag(tag(data)))],
    ["raw IP", rewritten(ethernet, 101, (data) => (isIp(data) ? data.subarray(14) : Buffer.alloc(20)))],
    ["a pcapng of cooked packets", pcapng(captureBytes("sll2.pcap"))],
  ] as const)
    it(`reads ${what} the same`, async () => {
      const found = await analysed(bytes);
      assert.deepEqual(perPort(found), TCPDUMP);
      assert.deepEqual(sum(found, "data", "to"), [27, 302_528, 3]);
    });
  it("names the VLAN", async () => {
    const { counts } = await analysed(rewritten(ethernet, 1, tag));
    assert.deepEqual([...new Set(counts.map(({ vlan }) => vlan))], [100]);
  });

  it("refuses what is no capture, with what libpcap says", async () => {
    for (const [bytes, reason] of [
      ["", /truncated dump file/],
      ["#!/bin/sh\necho this is a script and no capture\n", /unknown file format/],
      [ethernet.subarray(0, 20), /truncated dump file/],
      [rewritten(ethernet, 147, (data) => data), /link type 147/],
    ] as const)
      await assert.rejects(analysed(Buffer.from(bytes)), { code: "bad-input", message: reason });
    await assert.rejects(analyseFile(join(folder, "none.pcap"), GROUPS), {
      code: "bad-input",
      message: /No such file/,
    });
  });
  it("tells of one that breaks off what could be read", async () => {
    for (const bytes of [ethernet, pcapng(ethernet)]) {
      const { packets, isWhole } = await analysed(bytes.subarray(0, -30));
      assert.deepEqual([packets, isWhole], [100, false]);
    }
  });
  it("tells of one that is damaged half-way", async () => {
    const damaged = Buffer.from(ethernet);
    damaged.fill(0xff, 4_000, 4_200);
    const { packets, isWhole } = await analysed(damaged);
    assert.ok(packets > 20 && packets < 101);
    assert.equal(isWhole, false);
  });
  it("reads one without a packet", async () => {
    const { packets, isWhole, counts } = await analysed(ethernet.subarray(0, 24));
    assert.deepEqual([packets, isWhole, counts], [0, true, []]);
  });

  it("reads one that grows, and says how much of it fits", async () => {
    const bytes = captureBytes("sll2.pcap");
    const stream = analyseStream(GROUPS, 5_000);
    for (let at = 0; at < bytes.length; at += 777) await stream.write(bytes.subarray(at, at + 777));
    const answer = await stream.end();
    assert.ok(answer.kind === "read");
    assert.deepEqual([answer.packets, answer.isWhole], [101, true]);
    assert.ok(answer.keptBytes > 4_850 && answer.keptBytes <= 5_000);
    const { packets, isWhole } = await analysed(bytes.subarray(0, answer.keptBytes));
    assert.ok(isWhole && packets > 40 && packets < 60);
  });
  it("takes a stream that is nothing, or of which nothing comes", async () => {
    const nothing = analyseStream(GROUPS, 5_000);
    assert.equal((await nothing.end()).kind, "no-capture");
    const noise = analyseStream(GROUPS, 5_000);
    for (let count = 0; count < 40; count += 1) await noise.write(Buffer.alloc(100_000, 0x55));
    assert.equal((await noise.end()).kind, "no-capture");
  });
});
