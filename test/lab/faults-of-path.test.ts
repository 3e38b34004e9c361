import assert from "node:assert/strict";
import { blockPorts } from "../../lib/net/block-ports.js";
import {
  assertAsBefore,
  checksOf,
  finished,
  on,
  runJob,
  scenario,
  startJob,
  type TestLab,
  testLab,
} from "../support/lab-job.js";
import { needsRoot } from "../support/needs.js";

const P2P = { migration: { control: "p2p" }, probes: { path: true } };

describe("faults of the path made on purpose", function () {
  this.timeout(300_000);
  let lab: TestLab;

  before(async () => {
    needsRoot();
    lab = await testLab();
  });
  after(() => lab?.down());
  afterEach(() => assertAsBefore(lab));

  const checksFor = async (name: string, base: object) =>
    checksOf((await runJob(lab, await scenario(lab, name, base))).result);

  it("a native migration that was to be tunnelled", async () => {
    const checks = await checksFor("flipped", { ...P2P, expect: { channel: "tunnelled" } });
    assert.match(checks.channel ?? "", /^FAIL: leg 1: native, expected tunnelled: /);
    assert.match(checks.capture ?? "", /^PASS: /);
  });

  it("a capture that is ended half-way", async () => {
    const running = await startJob(lab, await scenario(lab, "deaf", P2P));
    await running.step("leg 1");
    await on(lab.source, `kill -KILL $(cat /proc/[0-9]*/stat | awk '$2 == "(tcpdump)" { print $1; exit }')`);
    const checks = checksOf((await finished(running)).result);
    assert.match(checks.capture ?? "", /^ERROR: .*tcpdump ended before it was told to/);
    assert.match(checks.channel ?? "", /^PASS: /);
  });

  it("a class of traffic into which no filter leads", async () => {
    const classes = { on: "management", link: 400, migration: { rate: 100 }, filters: false };
    const checks = await checksFor("unfiltered", {
      ...P2P,
      migration: { control: "p2p", channel: "tunnelled" },
      classes,
    });
    assert.match(checks.classes ?? "", /^FAIL: leg 1: class 1:30 sent 0 bytes/);
  });

  it("CPU of libvirt's daemons that is not a thousand times as much", async () => {
    const checks = await checksFor("cheap", {
      ...{ migration: { control: "p2p" }, probes: { cpu: true }, expect: { cpuRatio: 1000 } },
      movement: { rounds: 4, turns: [{ channel: "native" }, { channel: "tunnelled" }] },
    });
    assert.match(checks["daemon-cpu"] ?? "", /^FAIL: libvirt's daemons took .* more than 1000 times was expected/);
  });

  for (const tool of ["iptables", "nftables"] as const)
    it(`a port that is closed in ${tool}, and opened again; both are harmless twice`, async () => {
      const { apply, undo } = blockPorts("block-rpc", tool, "ab12cd3");
      const peer = lab.inventory.hosts[1]?.address ?? "";
      const reaches = async (): Promise<boolean> => {
        const args = ["-c", 'exec 3<>"/dev/tcp/$1/16509"', "bash", peer];
        return (await lab.source.run({ file: "bash", args, timeoutMs: 10_000 })).exitCode === 0;
      };
      assert.ok(await reaches());
      for (const [command, isOpen] of [
        [apply, false],
        [apply, false],
        [undo, true],
        [undo, true],
      ] as const) {
        const { exitCode, stderr } = await lab.target.run(command);
        assert.equal(exitCode, 0, stderr);
        assert.equal(await reaches(), isOpen);
      }
    });
});
