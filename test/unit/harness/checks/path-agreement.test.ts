import assert from "node:assert/strict";
import { agree } from "../../../../harness/checks/path-agreement.js";
import type { CaptureEvidence, CounterGain } from "../../../../lib/model/path.js";

const MB = 1_000_000;
const kind = { group: "data", direction: "out", side: "to" } as const;
const counters = (bytes: number, packets = 1_000): CounterGain => ({
  host: "h1",
  counts: [{ ...kind, packets, bytes }],
});
const capture = (bytes: number, more: Partial<CaptureEvidence> = {}, packets = 1_000): CaptureEvidence => ({
  ...{ host: "h1", packets, dropped: 0, series: [], stackInterfaces: ["br0"] },
  counts: [
    { ...kind, interface: "br0", packets, bytes, connections: 1 },
    // The same packets once more, on the bridge's port.
    { ...kind, interface: "eth0", packets, bytes, connections: 1 },
  ],
  ...more,
});

describe("agreement of capture and counters", () => {
  for (const [what, captured, counted] of [
    ["the same", capture(100 * MB), counters(100 * MB)],
    ["a little less", capture(99.1 * MB), counters(100 * MB)],
    ["some control packets more", capture(60_000), counters(1)],
    ["what was dropped and said to be", capture(90 * MB, { dropped: 200 }), counters(100 * MB)],
    ["cut into single frames behind the counters", capture(103.6 * MB, {}, 69_000), counters(100 * MB, 1_600)],
    ["no word of interfaces", capture(50 * MB, { stackInterfaces: undefined as never }), counters(100 * MB)],
  ] as const)
    it(`is there with ${what}`, () => assert.deepEqual(agree([captured], [counted]), []));

  const [inDirection] = [{ ...kind, direction: "in", packets: 100, bytes: 5 * MB }] as const;
  for (const [what, captures, gains, sentence] of [
    ["two per cent are missing", [capture(98 * MB)], [counters(100 * MB)], /data out: the capture has 98000000 bytes/],
    ["two per cent are too many", [capture(102 * MB)], [counters(100 * MB)], /the counters 100000000 bytes/],
    ["drops do not explain it", [capture(90 * MB, { dropped: 10 })], [counters(100 * MB)], /10 packets were reported/],
    ["counters miss a group", [capture(100 * MB)], [{ host: "h1", counts: [] }], /the counters 0 bytes/],
    ["counters miss full packets", [capture(100 * MB, {}, 69_000)], [counters(90 * MB, 62_000)], /data out/],
    [
      "a capture misses a direction",
      [capture(MB)],
      [{ host: "h1", counts: [...counters(MB).counts, inDirection] }],
      /data in/,
    ],
    ["a capture is damaged", [capture(MB, { problem: "cut off" })], [counters(MB)], /cannot be relied upon: cut off/],
    ["there is no capture", [], [counters(MB)], /counters and no capture/],
    ["there are no counters", [capture(MB)], [], /a capture and no counters/],
  ] as const)
    it(`is not there when ${what}`, () => {
      const found = agree(captures, gains);
      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", sentence);
    });
});
