import assert from "node:assert/strict";
import { classes } from "../../../../lib/model/probe-params.js";
import { parseClasses } from "../../../../lib/net/class-lines.js";
import { gatherClasses, parseClassReading, readClasses, startClassSampler } from "../../../../lib/net/class-samples.js";
import { interfaceTo, parseRoute } from "../../../../lib/net/route.js";
import { classTree, ownQdisc } from "../../../../lib/net/traffic-classes.js";
import type { Remote, Run } from "../../../../lib/transport/transport.js";
import { fixture } from "../../../support/fixture.js";

const contended = fixture("iproute2-6.1/class-contended.txt");
const peer = { name: "h2", peerUri: "qemu+tcp://lab-h2/system", migrationAddress: "198.19.0.12" };
const saying =
  (route: string, qdiscs: string, asked: string[][] = []): Run =>
  async (command) => {
    asked.push([command.file, ...command.args.slice(-1)]);
    const stdout = command.file === "tc" ? qdiscs : route;
    return { command, host: "h1", exitCode: stdout === "" ? 1 : 0, stdout, stderr: "no answer", durationMs: 1 };
  };
const route = fixture("iproute2-6.1/route-get.txt");
const noqueue = fixture("iproute2-6.1/qdisc-default.txt");

describe("the way to a peer", () => {
  it("is read from what ip prints, with a gateway and without", () => {
    assert.equal(parseRoute(route), "br0");
    assert.equal(parseRoute("10.1.0.2 via 10.0.0.1 dev bond0.100 src 10.0.0.5 uid 0 \\    cache"), "bond0.100");
    assert.equal(
      parseRoute("2001:db8::2 from :: dev eth1 proto kernel src 2001:db8::1 metric 256 pref medium"),
      "eth1",
    );
    for (const text of ["", "RTNETLINK answers: Network is unreachable", " dev", "x dev a/b "])
      assert.equal(parseRoute(text), undefined, text);
  });
  it("must leave the host", () =>
    assert.rejects(
      interfaceTo(saying("local 10.0.0.1 dev lo src 10.0.0.1 uid 0 \\    cache", ""), "h1"),
      /h1 is an address of this host itself/,
    ));
  it("is an error where there is none", () =>
    assert.rejects(interfaceTo(saying("", ""), "h2"), /h1: cannot tell the interface to h2: no answer/));
});

describe("queues of an interface", () => {
  it("are the kernel's own when their handle is 0, and what looks at incoming packets does not count", () => {
    const many =
      "qdisc mq 0: root \nqdisc fq_codel 0: parent :2 limit 10240p\nqdisc ingress ffff: parent ffff:fff1 ---\n";
    for (const text of [noqueue, fixture("iproute2-6.1/qdisc-pfifo-fast.txt"), many, "qdisc clsact ffff: parent\n", ""])
      assert.equal(ownQdisc(text), undefined, text);
  });
  it("are somebody's when they have another one", () => {
    assert.equal(ownQdisc(fixture("iproute2-6.1/qdisc-htb.txt")), "htb 1:");
    assert.equal(ownQdisc("qdisc mq 0: root\nqdisc fq 8001: parent :1 limit 10000p\n"), "fq 8001:");
  });
});

describe("a tree of classes", () => {
  const settings = classes.parse({ on: "management", link: 400, migration: { rate: 100 } });

  it("is made on the interface that leads to the peer", async () => {
    const asked: string[][] = [];
    const { interface: device, change } = await classTree(saying(route, noqueue, asked), peer, settings, "ab12cd3");
    assert.equal(device, "br0");
    assert.deepEqual(asked, [
      ["sh", "lab-h2"],
      ["tc", "br0"],
    ]);
    const mark = "/run/migstorm/job-ab12cd3/classes-br0";
    const rates = ["200000", "400000", "100000", "400000", "100000", "400000"];
    assert.deepEqual(change.apply.args.slice(3), ["br0", mark, "400000", ...rates, "filters"]);
    assert.deepEqual(change.undo.args.slice(3), ["br0", mark]);
  });
  it("goes by the migration network where it is told to, and says when there is none", async () => {
    const asked: string[][] = [];
    const onMigration = { ...settings, on: "migration", filters: false } as const;
    const { change } = await classTree(saying(route, noqueue, asked), peer, onMigration, "ab12cd3");
    assert.equal(asked[0]?.[1], "198.19.0.12");
    assert.equal(change.apply.args.at(-1), "no-filters");
    const { migrationAddress: _, ...without } = peer;
    await assert.rejects(classTree(saying(route, noqueue), without, onMigration, "k"), /h2 has no migrationAddress/);
  });
  it("asks for the address of IPv6 as it is, without brackets", async () => {
    const asked: string[][] = [];
    await classTree(
      saying(route, noqueue, asked),
      { ...peer, peerUri: "qemu+tls://[2001:db8::2]/system" },
      settings,
      "k",
    );
    assert.equal(asked[0]?.[1], "2001:db8::2");
  });
  it("never takes the place of what somebody has set, and needs an answer", async () => {
    await assert.rejects(
      classTree(saying(route, fixture("iproute2-6.1/qdisc-htb.txt")), peer, settings, "k"),
      /h1: br0 has a queueing discipline of its own \(htb 1:\), .*take it away first/,
    );
    await assert.rejects(classTree(saying(route, ""), peer, settings, "k"), /cannot tell the queues of br0/);
  });
});

describe("what tc shows of classes", () => {
  it("is read with its rates and what waits", () => {
    const found = parseClasses(contended);
    assert.deepEqual(
      found.map(({ id }) => id),
      ["1:1", "1:10", "1:20", "1:30"],
    );
    assert.deepEqual(found.at(-1), {
      id: "1:30",
      bytes: 25_029_884,
      packets: 16_778,
      dropped: 0,
      lended: 690,
      borrowed: 16,
      backlogBytes: 134_878,
      rateMbps: 100,
      ceilMbps: 400,
    });
  });
  it("understands every unit, and leaves out what it does not", () => {
    const one = (rate: string, backlog: string) =>
      parseClasses(
        `class htb 1:a root rate ${rate} ceil 1Gbit burst 1b \n Sent 1 bytes 2 pkt (dropped 3, overlimits 0 requeues 0) \n backlog ${backlog} 3p requeues 0\n lended: 4 borrowed: 5 giants: 0\n`,
      )[0];
    assert.deepEqual([one("1500Kbit", "64Kb")?.rateMbps, one("1500Kbit", "64Kb")?.backlogBytes], [1.5, 65_536]);
    assert.deepEqual([one("2.5Gbit", "1Mb")?.rateMbps, one("1bit", "0b")?.rateMbps], [2500, 1e-6]);
    assert.deepEqual(one("fast", "constructor"), {
      ...{ id: "1:a", bytes: 1, packets: 2, dropped: 3, lended: 4, borrowed: 5, ceilMbps: 1000 },
    });
  });
  it("has no class whose counters are not all there", () => {
    assert.deepEqual(parseClasses(contended.replaceAll("lended", "lent")), []);
    assert.deepEqual(parseClasses("class fq_codel 8001:1 parent 8001: \n Sent 1 bytes 2 pkt (dropped 0,\n"), []);
  });
});

describe("samples of classes", () => {
  const text = (upS: number, classesText = contended): string => `== ${upS}\n${classesText}== end\n`;

  it("are whole or nothing", () => {
    assert.equal(parseClassReading(text(12.34))?.classes.length, 4);
    assert.deepEqual(parseClassReading(text(12, "")), { upS: 12, classes: [] });
    for (const bad of ["", contended, text(5).replace("== end\n", ""), text(5).replace("== 5", "== x")])
      assert.equal(parseClassReading(bad), undefined);
  });
  it("come one by one from a lasting program", async () => {
    const readings: number[] = [];
    const start: Remote["start"] = async (_, onLine) => {
      for (const line of `rest of one\n== end\n${text(1)}${text(2)}== 3\nclass`.split("\n")) onLine(line);
      return { write: () => undefined, stop: async () => undefined, ended: Promise.resolve({ stderr: "" }) };
    };
    await startClassSampler({ start } as Remote, "br0", ({ upS, classes }) => readings.push(upS, classes.length));
    assert.deepEqual(readings, [1, 4, 2, 4]);
  });
  it("are refused where the host does not say", () =>
    assert.rejects(
      readClasses(
        async (command) => ({ command, host: "h1", exitCode: 1, stdout: "", stderr: "no", durationMs: 1 }),
        "x",
      ),
      /h1: cannot read the classes of x: no/,
    ));
  it("are gathered into a series for each class", () => {
    const gathering = gatherClasses("h1", "br0", () => 500, 10);
    gathering.take(parseClassReading(text(100))!);
    gathering.take(parseClassReading(text(101.02, fixture("iproute2-6.1/class-after.txt")))!);
    const series = gathering.series();
    assert.deepEqual(
      series.map(({ id, points }) => [id, points.length]),
      [
        ["1:1", 2],
        ["1:10", 2],
        ["1:20", 2],
        ["1:30", 2],
      ],
    );
    const { points, ...rest } = series.at(-1)!;
    assert.deepEqual(rest, { host: "h1", interface: "br0", id: "1:30", rateMbps: 100, ceilMbps: 400 });
    assert.deepEqual(points[0], [500, 25_029_884, 16_778, 0, 690, 16, 134_878]);
    assert.equal(points[1]?.[0], 1520);
  });
});
