import assert from "node:assert/strict";
import { capture } from "../../../../harness/checks/capture.js";
import { channel } from "../../../../harness/checks/channel.js";
import type { Check } from "../../../../harness/checks/check.js";
import { classes } from "../../../../harness/checks/classes.js";
import { daemonCpu } from "../../../../harness/checks/daemon-cpu.js";
import type { Evidence, PathEvidence } from "../../../../lib/model/check.js";
import type { ClassPoint } from "../../../../lib/model/class-series.js";
import type { CaptureEvidence, LegPath, PacketCount } from "../../../../lib/model/path.js";
import { evidenceWith, record } from "./build.js";

type Row = readonly [name: string, evidence: Evidence, status: string, message?: RegExp];

function table(title: string, check: Check, rows: readonly Row[]): void {
  describe(title, () => {
    for (const [name, given, status, message] of rows)
      it(`${name}: ${status}`, () => {
        const result = check(given);
        assert.equal(result.status, status, result.message);
        if (message !== undefined) assert.match(result.message, message);
      });
  });
}

const MIB = 2 ** 20;
const P = 100 * MIB;

const sent = (group: string, bytes: number): PacketCount => ({
  ...{ group, direction: "out", side: "to", packets: Math.ceil(bytes / 1000), bytes },
});

/** What went through the ports in one leg, on the host that sent. */
const leg = (number: number, rpc: number, data: number, over: Partial<LegPath> = {}): LegPath => ({
  leg: number,
  counters: ["h1", "h2"].map((host) => ({
    host,
    counts: (number % 2 === 1) === (host === "h1") ? [sent("rpc", rpc), sent("rpc-tls", 0), sent("data", data)] : [],
  })),
  cpu: [],
  classes: [],
  ...over,
});

const pathOf = (legs: readonly LegPath[], over: Partial<PathEvidence> = {}): PathEvidence => ({
  ...{ legs, totals: [], captures: [], cpu: [], classes: [] },
  ...over,
});

const moved = (number: number, how: "native" | "tunnelled", over: Parameters<typeof record>[1] = {}) =>
  record(number, {
    command: ["virsh", "migrate", ...(how === "tunnelled" ? ["--p2p", "--tunnelled"] : [])],
    stats: { dataProcessedBytes: P },
    ...over,
  });
const both = (how: "native" | "tunnelled") => [moved(1, how), moved(2, how)];
const told = (how: "native" | "tunnelled", legs: readonly LegPath[], over = {}): Evidence =>
  evidenceWith(over, { migrations: both(how), path: pathOf(legs) });

const NATIVE = [leg(1, 20_000, P), leg(2, 20_000, P)];
const TUNNELLED = [leg(1, P, 0), leg(2, P, 0)];

table("channel", channel, [
  ["native, as told", told("native", NATIVE), "PASS", /2 legs went native/],
  ["tunnelled, as told", told("tunnelled", TUNNELLED), "PASS", /2 legs went tunnelled/],
  [
    "told to be tunnelled, and native",
    told("tunnelled", NATIVE),
    "FAIL",
    /^leg 1: native, expected tunnelled: 100\.0 MiB/,
  ],
  [
    "another one is expected",
    told("native", NATIVE, { expect: { channel: "tunnelled" } }),
    "FAIL",
    /expected tunnelled/,
  ],
  ["bytes on both ways", told("tunnelled", [leg(1, P, 1), leg(2, P, 0)]), "ERROR", /^leg 1: neither/],
  ["bytes on no way", told("native", [leg(1, 0, P / 2), leg(2, 20_000, P)]), "ERROR", /^leg 1: neither/],
  ["too much beside a native one", told("native", [leg(1, 1.2 * MIB, P), leg(2, 0, P)]), "ERROR"],
  ["a little beside a native one", told("native", [leg(1, MIB, P), leg(2, 0, P)]), "PASS"],
  ["a host did not say", told("native", [leg(1, 0, P, { counters: [] }), leg(2, 0, P)]), "ERROR", /not known/],
  ["a leg was not counted", told("native", [leg(2, 0, P)]), "ERROR", /^leg 1: .* not known/],
  ["nobody counted", evidenceWith({}, { migrations: both("native") }), "ERROR", /nobody counted/],
  [
    "libvirt did not tell what it processed",
    evidenceWith({}, { migrations: [moved(1, "native", { stats: {} }), moved(2, "native")], path: pathOf(NATIVE) }),
    "ERROR",
  ],
  [
    "a migration that failed is not judged, and nothing else is there",
    evidenceWith({}, { migrations: [moved(1, "native", { outcome: "failed" })], path: pathOf(NATIVE) }),
    "ERROR",
    /nothing to judge/,
  ],
]);

const cpu = (daemonsS: number) =>
  ["h1", "h2"].map((host) => ({ host, wallS: 1, busyS: 1, daemonsS: daemonsS / 2, guestsS: {} }));
const inTurn = (nativeS: number, tunnelledS: number, rounds = 3): Evidence => {
  const numbers = Array.from({ length: rounds * 2 }, (_, index) => index + 1);
  const how = (number: number) => (number % 2 === 1 ? "native" : "tunnelled");
  return evidenceWith(
    { expect: { cpuRatio: 2 } },
    {
      migrations: numbers.map((number) => moved(number, how(number))),
      path: pathOf(numbers.map((number) => leg(number, 0, 0, { cpu: cpu(number % 2 === 1 ? nativeS : tunnelledS) }))),
    },
  );
};

table("daemon-cpu", daemonCpu, [
  [
    "much more when tunnelled",
    inTurn(0.02, 0.2),
    "PASS",
    /2\.05 CPU s per GiB tunnelled and 0\.20 native, 10\.0 times/,
  ],
  ["about the same", inTurn(0.2, 0.22), "FAIL", /more than 2 times was expected/],
  ["nothing that a clock could tell, native", inTurn(0, 0.2), "PASS", /20\.0 times/],
  ["nothing that a clock could tell, both", inTurn(0, 0), "FAIL"],
  ["too few of each", inTurn(0.02, 0.2, 2), "ERROR", /2 native and 2 tunnelled legs/],
  ["nobody measured", evidenceWith({ expect: { cpuRatio: 2 } }, { migrations: both("native") }), "ERROR"],
]);

const gain = (id: string, bytes: number, borrowed: number) => ({
  ...{ id, ms: 1500, bytes, packets: 1, dropped: 0, lended: 1, borrowed },
});
const classed = (bytes: number, borrowed: number, over: Partial<LegPath> = {}): LegPath =>
  leg(1, P, 0, { classes: [{ host: "h1", gains: [gain("1:30", bytes, borrowed), gain("1:10", 0, 0)] }], ...over });
/** 400 Mbit/s of link, of which migrations are guaranteed 100 and others 200; the one leg takes a second. */
const withClasses = (legs: readonly LegPath[], mbps = { migration: 0, management: 0 }, backlog = 1): Evidence => {
  const series = (id: string, rate: number) => ({
    ...{ host: "h1", interface: "br0", id },
    points: [10_000, 10_500, 11_000].map((ms, index): ClassPoint => [ms, index * rate * 62_500, 0, 0, 0, 0, backlog]),
  });
  return evidenceWith(
    { classes: { on: "management", link: 400 } },
    {
      migrations: [moved(1, "tunnelled", { stats: { dataProcessedBytes: P } })],
      path: pathOf(legs, { classes: [series("1:30", mbps.migration), series("1:10", mbps.management)] }),
    },
  );
};
const contended = [classed(P, 0, { isContended: true })];

table("classes", classes, [
  ["alone it borrowed", withClasses([classed(P, 5)]), "PASS", /class 1:30: alone it had 839 Mbit\/s and borrowed/],
  ["alone it borrowed nothing", withClasses([classed(P, 0)]), "FAIL", /borrowed nothing/],
  ["the bytes are not in the class", withClasses([classed(0, 0)]), "FAIL", /sent 0 bytes of the 100\.0 MiB/],
  [
    "contended, both kept theirs",
    withClasses(contended, { migration: 99, management: 199 }),
    "PASS",
    /contended it had 99/,
  ],
  [
    "it lost its guarantee",
    withClasses(contended, { migration: 80, management: 199 }),
    "FAIL",
    /1:30 had 80 Mbit\/s of the 100/,
  ],
  [
    "it took that of others",
    withClasses(contended, { migration: 100, management: 100 }),
    "FAIL",
    /1:10 had 100 Mbit\/s of the 200/,
  ],
  [
    "it went above its ceil",
    withClasses(contended, { migration: 500, management: 200 }),
    "FAIL",
    /above its ceil of 400/,
  ],
  [
    "nothing ever waited",
    withClasses(contended, { migration: 99, management: 199 }, 0),
    "ERROR",
    /not put to the test/,
  ],
  ["a host did not say", withClasses([classed(P, 5, { classes: [] })]), "ERROR", /what the classes sent is not known/],
  ["no leg was seen", withClasses([]), "ERROR", /nothing to judge/],
]);

const captured = (over: Partial<CaptureEvidence> = {}): CaptureEvidence => ({
  ...{ host: "h1", packets: 10, dropped: 0, counts: [], series: [] },
  ...over,
});
const caught = (captures: readonly CaptureEvidence[], bytes = 0): Evidence =>
  evidenceWith(
    {},
    { path: pathOf([], { captures, totals: captures.map(({ host }) => ({ host, counts: [sent("data", bytes)] })) }) },
  );

table("capture", capture, [
  ["both saw the same", caught([captured()]), "PASS", /10 packets were captured/],
  [
    "it cannot be relied upon",
    caught([captured({ problem: "tcpdump ended before it was told to" })]),
    "ERROR",
    /tcpdump ended/,
  ],
  ["the counters saw more", caught([captured()], P), "ERROR", /h1: data out/],
  ["there is none", caught([]), "ERROR", /nothing to judge/],
]);
