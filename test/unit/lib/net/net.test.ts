import assert from "node:assert/strict";
import { openMigrationPorts, zoneNames } from "../../../../lib/net/firewall.js";
import { normalRules } from "../../../../lib/net/firewall-rules.js";
import { inputChains } from "../../../../lib/net/nft-chains.js";
import { parsePingLine, parseReceived } from "../../../../lib/net/ping.js";
import { closeMeter, openMeter, silenceOf, takePing } from "../../../../lib/net/silence.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fixture } from "../../../support/fixture.js";

const line = (atMs: number, sequence: number, more: object = {}) =>
  ({ kind: "answer", atMs, sequence, tookMs: 0.1, duplicate: false, ...more }) as const;

describe("lines of ping", () => {
  it("reads answers and missing ones of a real migration", () => {
    const lines = fixture("ping-iputils/migration.txt")
      .split("\n")
      .flatMap((text) => parsePingLine(text) ?? []);
    assert.ok(lines.filter(({ kind }) => kind === "answer").length > 70);
    assert.equal(lines.filter(({ kind }) => kind === "no-answer").length, 3);
    assert.deepEqual(lines[0], {
      kind: "answer",
      atMs: 1795256770126.339,
      sequence: 1,
      tookMs: 10.5,
      duplicate: false,
    });
  });
  it("reads fping as well: answers, duplicates, and what did not come in time", () => {
    const lines = fixture("fping-5.1/loopback.txt")
      .split("\n")
      .flatMap((text) => parsePingLine(text) ?? []);
    assert.ok(lines.length >= 20);
    assert.deepEqual(
      lines.map(({ sequence }) => sequence),
      lines.map((_, index) => index),
    );
    const gaps = lines.slice(1).map(({ atMs }, index) => atMs - lines[index]!.atMs);
    assert.ok(
      gaps.every((gap) => gap > 0 && gap < 100),
      String(gaps),
    );
    assert.deepEqual(parsePingLine("[1795259047.84595] 10.0.0.1 : duplicate for [3], 64 bytes, 0.045 ms"), {
      kind: "answer",
      atMs: 1795259047845.95,
      sequence: 3,
      tookMs: 0.045,
      duplicate: true,
    });
    assert.equal(parsePingLine("[1795259047.84595] 10.0.0.1 : [4], timed out (0.1 avg, 3% loss)")?.kind, "no-answer");
    assert.equal(parsePingLine("10.0.0.1 : xmt/rcv/%loss = 5/5/0%, min/avg/max = 0.045/0.050/0.052"), undefined);
  });
  it("knows duplicates", () =>
    assert.deepEqual(
      parsePingLine("[1795256770.000001] 64 bytes from 10.0.0.1: icmp_seq=7 ttl=64 time=1.0 ms (DUP!)"),
      {
        kind: "answer",
        atMs: 1795256770000.001,
        sequence: 7,
        tookMs: 1,
        duplicate: true,
      },
    ));
  it("takes an unreachable host for no answer at all", () => {
    for (const text of [
      "From 10.0.0.2 icmp_seq=3 Destination Host Unreachable",
      "[1795256770.000001] From 10.0.0.2 icmp_seq=3 Destination Host Unreachable",
      "PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.",
      "",
    ])
      assert.equal(parsePingLine(text), undefined);
  });
  it("counts what came back", () => {
    assert.equal(parseReceived("5 packets transmitted, 4 received, +1 duplicates, 20% packet loss, time 4ms"), 4);
    assert.equal(parseReceived("5 packets transmitted, 0 received, +5 errors, 100% packet loss"), 0);
    assert.equal(parseReceived("3 packets transmitted, 3 packets received, 0% packet loss"), 3);
    assert.equal(parseReceived("10.0.0.1 : xmt/rcv/%loss = 5/4/20%, min/avg/max = 0.045/0.050/0.052"), 4);
    assert.equal(parseReceived("ping: bad address"), undefined);
  });
});

describe("silence", () => {
  it("is the longest gap that touches the window, in full", () => {
    let meter = openMeter(1000, 10, 990);
    for (const at of [1010, 1020, 1320, 1330]) meter = takePing(meter, line(at, at / 10));
    meter = takePing(closeMeter(meter, 1335), line(1340, 134));
    assert.deepEqual(silenceOf(meter, 9999), {
      longestMs: 300,
      intervalMs: 10,
      sent: 33,
      received: 4,
      duplicates: 0,
      answeredAfter: true,
    });
  });
  it("lasts until the first answer after the end", () => {
    let meter = closeMeter(takePing(openMeter(1000, 10), line(1005, 1)), 1100);
    meter = takePing(meter, line(1700, 70));
    assert.equal(silenceOf(meter, 1701).longestMs, 695);
    assert.equal(silenceOf(takePing(meter, line(9000, 99)), 9000).longestMs, 695);
  });
  it("never ended when no answer came", () => {
    const meter = closeMeter(takePing(openMeter(1000, 10, 995), { kind: "no-answer", atMs: 1010, sequence: 2 }), 1100);
    const seen = silenceOf(meter, 6000);
    assert.deepEqual([seen.longestMs, seen.answeredAfter, seen.received, seen.sent], [5005, false, 0, 1]);
  });
  it("is not ended by an answer that came twice", () => {
    const meter = takePing(openMeter(1000, 10, 995), line(1500, 1, { duplicate: true }));
    assert.deepEqual([silenceOf(meter, 2000).duplicates, silenceOf(meter, 2000).longestMs], [1, 1005]);
  });
  it("counts on when ping begins its numbers again", () => {
    let meter = openMeter(0, 10);
    for (const [index, sequence] of [65_534, 65_535, 0, 1].entries())
      meter = takePing(meter, line(index * 10 + 1, sequence));
    assert.equal(silenceOf(meter, 40).sent, 4);
  });
  it("takes no more memory after two hundred thousand answers", () => {
    let meter = openMeter(0, 10);
    for (let index = 1; index <= 200_000; index += 1) meter = takePing(meter, line(index * 10, index % 65_536));
    assert.ok(JSON.stringify(meter).length < 300);
    assert.equal(silenceOf(meter, 2_000_000).received, 200_000);
  });
});

describe("firewall", () => {
  const never: Run = () => Promise.reject(new Error("nothing is to be asked"));
  const saying =
    (answers: Readonly<Record<string, [number, string]>>): Run =>
    async (command) => {
      const [exitCode, stdout] = answers[command.args.join(" ")] ?? [0, ""];
      return { command, host: "h1", exitCode, stdout, stderr: "", durationMs: 1 };
    };

  it("does nothing where nothing stands in the way", async () =>
    assert.deepEqual(await openMigrationPorts(never, "none", "ab12cd3"), []));
  it("marks its rule with the job", async () => {
    const [change] = await openMigrationPorts(never, "iptables", "ab12cd3");
    assert.equal(change?.apply.args.at(-1), "migstorm-ab12cd3");
    assert.equal(change?.undo.args.at(-1), "migstorm-ab12cd3");
  });
  it("opens every chain of nftables that packets to the host pass", async () => {
    const run = saying({ "list chains": [0, fixture("nft-1.0.6/list-chains.txt")] });
    const changes = await openMigrationPorts(run, "nftables", "ab12cd3");
    assert.deepEqual(
      changes.map(({ apply }) => apply.args.slice(3)),
      [
        ["inet", "filter", "input", "migstorm-ab12cd3"],
        ["ip6", "my", "in_put", "migstorm-ab12cd3"],
      ],
    );
    assert.deepEqual(inputChains("garbage\n\t\ttype filter hook input priority 0;\n"), []);
  });
  it("leaves zones of firewalld alone that are open already", async () => {
    const run = saying({
      "--get-active-zones": [0, "libvirt\n  interfaces: virbr0\npublic (default)\n  interfaces: eth0\n"],
      "--get-default-zone": [0, "public\n"],
      "--zone=libvirt --query-port=49152-49215/tcp": [0, "yes\n"],
      "--zone=public --query-port=49152-49215/tcp": [1, "no\n"],
    });
    const changes = await openMigrationPorts(run, "firewalld", "ab12cd3");
    assert.deepEqual(
      changes.map(({ what }) => what),
      ["open tcp 49152-49215 in firewalld, zone public"],
    );
    assert.deepEqual(zoneNames("FedoraServer\n  interfaces: a\n"), ["FedoraServer"]);
  });
  it("compares rules without counters and without untouched tables", () => {
    const text = fixture("iptables-1.8.9/iptables-save.txt").replace(/^/gm, "ip4 ");
    assert.deepEqual(normalRules(text.split("\n")), [
      "ip4 filter -A INPUT -p tcp -m tcp --dport 49152:49215 -m comment --comment migstorm-ab12cd3 -j ACCEPT",
      "ip4 filter -A INPUT -p tcp -m tcp --dport 49152:49215 -m comment --comment migstorm-lab -j DROP",
    ]);
    assert.deepEqual(normalRules(["ip6 *nat", "ip6 :POSTROUTING DROP [12:34]", "counter packets 5 bytes 6 accept"]), [
      "ip6 nat :POSTROUTING DROP",
      "counter accept",
    ]);
    assert.match(normalRules(fixture("nft-1.0.6/ruleset.txt").split("\n")).join("\n"), /migstorm-abc1234/);
  });
});
