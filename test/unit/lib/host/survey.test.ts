import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { apartMs, clockOffset, ourMs } from "../../../../lib/host/clock.js";
import { parseView } from "../../../../lib/host/peer-view.js";
import { sections } from "../../../../lib/host/sections.js";
import { parseSurvey } from "../../../../lib/host/survey.js";
import { AS_ROOT, SURVEY } from "../../../../lib/host/survey-script.js";
import { openLocal } from "../../../../lib/transport/local-remote.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fixture } from "../../../support/fixture.js";

const RECORDED = fixture("doctor-debian12/survey.txt");

describe("a survey of a host", () => {
  it("is read as a lab host printed it", () => {
    const { cpu, disks, tools, leftovers, room, links, addresses, ...rest } = parseSurvey(sections(RECORDED));
    assert.deepEqual(rest, {
      freeMemoryMiB: 1482,
      hasBridge: true,
      shared: {
        inode: "1515990",
        fsType: "ext4",
        source: "/dev/vda[/var/lib/migstorm/labs/doc1/h2/bind/var/lib/libvirt]",
      },
      libvirt: { isUp: true },
      hostname: "doc1-h2",
      hostUuid: /<uuid>(.*)<\/uuid>/.exec(RECORDED)?.[1],
      hasKvm: false,
    });
    assert.equal(cpu?.model, "Broadwell-noTSX-IBRS");
    assert.ok(cpu.features.includes("avx512f"));
    for (const tool of ["virt-install", "stress", "stress-ng"]) assert.ok(tools.includes(tool), tool);
    assert.ok(!tools.includes("dnf"));
    assert.deepEqual(leftovers, { domains: [], pools: [], folders: [], rules: [] });
    assert.deepEqual(room, [
      { folder: "/run", freeMiB: 12052 },
      { folder: "/tmp", freeMiB: 78872 },
    ]);
    assert.deepEqual(
      links.map(({ name, isUp, mtu }) => [name, isUp, mtu]),
      [
        ["lo", true, 65536],
        ["br0", true, 1500],
        ["eth0", true, 1500],
        ["eth1", true, 1500],
      ],
    );
    assert.deepEqual(addresses.at(-1), { link: "eth1", address: "198.19.0.12" });
    assert.deepEqual(
      disks.map(({ disk, trouble }) => [disk.slice(-11), /NOENT/.test(trouble ?? "")]),
      [
        ["/none.qcow2", true],
        ["iny-a.qcow2", false],
      ],
    );
  });

  it("knows what jobs of ours leave, and nobody else's", () => {
    const found = new Map([
      ["domains", ["ms-ab12cd3-001-g1", "ms-office", "web"]],
      ["pools", ["default", "migstorm-ab12cd3"]],
      ["left", ["folder /run/migstorm/job-ab12cd3", "folder /run/migstorm/job-x; rm -r /", "rule migstorm-ab12cd3"]],
    ]);
    assert.deepEqual(parseSurvey(found).leftovers, {
      domains: ["ms-ab12cd3-001-g1"],
      pools: ["migstorm-ab12cd3"],
      folders: ["/run/migstorm/job-ab12cd3"],
      rules: ["migstorm-ab12cd3"],
    });
  });

  it("tells a libvirt that is down by virsh's last word", () =>
    assert.deepEqual(
      parseSurvey(
        new Map([["libvirt", ["error: failed to connect to the hypervisor", "error: Failed to connect socket"]]]),
      ).libvirt,
      { isUp: false, said: "Failed to connect socket" },
    ));

  it("takes anything that a host may print", () => {
    const words = fc.constantFrom("== links", "== lock", "== disks", "ok", "no x", "mount ext4", "1: lo: <UP> mtu 9");
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string())), (lines) => {
        const { tools } = parseSurvey(sections(lines.join("\n")));
        assert.ok(Array.isArray(tools));
        assert.ok(Array.isArray(parseView(lines).unknownNames));
      }),
    );
  });

  it("tells the programs that are there, and no other", async () => {
    const folder = mkdtempSync(join(tmpdir(), "migstorm-survey-"));
    try {
      for (const tool of ["stress", "stress-ng", "apt-get"]) writeFileSync(join(folder, tool), "", { mode: 0o755 });
      const { stdout } = await openLocal("here").run({
        file: "/bin/sh",
        args: ["-c", `PATH=${folder}; export PATH; ${SURVEY}`, "sh", "", "none", "br0", "", "0"],
        timeoutMs: 5_000,
      });
      assert.deepEqual(parseSurvey(sections(stdout)).tools, ["stress", "stress-ng", "apt-get"]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is not made where sudo is wanted and there is none, which is an answer", async () => {
    const script = `PATH=/nowhere; export PATH; ${AS_ROOT}`;
    const { exitCode, stdout } = await openLocal("here").run({
      file: "/bin/sh",
      args: ["-c", script, "sh", "sudo", "echo never"],
      timeoutMs: 5_000,
    });
    assert.deepEqual([exitCode, parseSurvey(sections(stdout)).sudo], [0, "missing"]);
  });
});

describe("the view of another host", () => {
  it("has what was answered, and nothing else", () =>
    assert.deepEqual(
      parseView([
        "unknown h2",
        "libvirt no answer: error: refused",
        "way 1500 eth1",
        "ping yes",
        "large no",
        "port no",
      ]),
      {
        unknownNames: ["h2"],
        libvirtSaid: "refused",
        answersPing: true,
        way: { link: "eth1", mtu: 1500 },
        largestPasses: false,
        portIsOpen: false,
      },
    ));
  it("tells a libvirt that answers from one that says nothing", () => {
    assert.equal(parseView(["libvirt"]).libvirtSaid, "");
    assert.equal(parseView(["libvirt no answer: "]).libvirtSaid, "no answer within 2 s");
    assert.equal(parseView([]).libvirtSaid, undefined);
  });
});

describe("a clock", () => {
  const answering =
    (stdout: string): Run =>
    async (command) => ({ host: "h", command, exitCode: 0, stdout, stderr: "", durationMs: 1 });
  const steps = (...ms: number[]) => {
    const left = [...ms];
    return () => left.shift() ?? 0;
  };

  it("is ahead by as much as the way there and back leaves open", async () =>
    assert.deepEqual(await clockOffset(answering("1000000005.250999999\n"), 1_000, steps(1e12, 1e12 + 100)), {
      atLeastMs: 5_150,
      atMostMs: 5_251,
    }));
  it("says nothing in a language that cannot be read", async () =>
    assert.equal(await clockOffset(answering("1000000005.%N"), 1_000, steps(0, 0)), undefined));
  it("tells a time in ours, unless it is known too badly", () => {
    assert.equal(ourMs(1_005_000, { atLeastMs: 4_990, atMostMs: 5_010 }), 1_000_000);
    assert.equal(ourMs(1_005_000, { atLeastMs: 4_000, atMostMs: 5_001 }), undefined);
  });
  it("is apart from another only as far as is certain", () => {
    const [slow, fast] = [
      { atLeastMs: -50, atMostMs: 50 },
      { atLeastMs: 1_000, atMostMs: 1_010 },
    ];
    assert.deepEqual([apartMs(slow, fast), apartMs(fast, slow), apartMs(slow, slow)], [950, 950, 0]);
  });
});
