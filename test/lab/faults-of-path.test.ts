import assert from "node:assert/strict";
import { blockPorts } from "../../lib/net/block-ports.js";
import type { Remote } from "../../lib/transport/transport.js";
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
import { assertFound } from "../support/verdicts.js";

/** Another program under the name of virsh, for this host alone: machines of a lab have mounts of their own. */
const KEEP_VIRSH = 'cp "$(command -v virsh)" /run/virsh';
const REPLACE_VIRSH = `printf %s "$1" > /run/not-virsh; chmod 755 /run/not-virsh; mount --bind /run/not-virsh "$(command -v virsh)"`;
const RESTORE_VIRSH = 'umount -l "$(command -v virsh)"; rm /run/virsh /run/not-virsh';
/** It does not hear that a migration is to be tunnelled. */
const WITHOUT_TUNNEL = `#!/bin/sh
for word; do
  shift
  [ "$word" = --tunnelled ] || set -- "$@" "$word"
done
exec /run/virsh "$@"`;

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

  it("migrations that go native, whatever virsh was told, and daemons that have no more to do for them", async () => {
    const deafen = (remote: Remote) => on(remote, `${KEEP_VIRSH}; ${REPLACE_VIRSH}`, WITHOUT_TUNNEL);
    const undeafen = (remote: Remote) => on(remote, RESTORE_VIRSH);
    await Promise.all([lab.source, lab.target].map(deafen));
    try {
      const { result } = await runJob(
        lab,
        await scenario(lab, "deaf-virsh", {
          ...{ migration: { control: "p2p" }, probes: { path: true, cpu: true }, expect: { cpuRatio: 2.5 } },
          movement: { rounds: 4, turns: [{ channel: "native" }, { channel: "tunnelled" }] },
        }),
      );
      const checks = checksOf(result);
      assert.match(
        checks.channel ?? "",
        /^FAIL: leg 3: native, expected tunnelled: .*; leg 4: native, expected tunnelled/,
      );
      assert.doesNotMatch(checks.channel ?? "", /leg [1256]:/);
      assert.match(checks["daemon-cpu"] ?? "", /^FAIL: libvirt's daemons took .* more than 2\.5 times was expected/);
      assertFound(result.cases[0], { channel: "FAIL", "daemon-cpu": "FAIL" });
    } finally {
      await Promise.all([lab.source, lab.target].map(undeafen));
    }
  });

  it("a capture that is ended half-way", async () => {
    const running = await startJob(lab, await scenario(lab, "deaf", P2P));
    await running.step("leg 1");
    await on(lab.source, `kill -KILL $(cat /proc/[0-9]*/stat | awk '$2 == "(tcpdump)" { print $1; exit }')`);
    const { result } = await finished(running);
    const checks = checksOf(result);
    assert.match(checks.capture ?? "", /^ERROR: .*tcpdump ended before it was told to/);
    assertFound(result.cases[0], { capture: "ERROR" });
  });

  it("classes that lose their filters, and then their guarantee, and a stranger on the migration ports", async () => {
    const running = await startJob(
      lab,
      await scenario(lab, "robbed", {
        ...P2P,
        migration: { control: "p2p", channel: "tunnelled" },
        classes: { on: "management", link: 400, migration: { rate: 100 }, competing: true },
      }),
    );
    await running.step("leg 1");
    await on(lab.source, "tc filter del dev br0 parent 1:");
    await running.event("migration-started", ({ leg }) => leg === 1);
    // Nobody listens there, and it is turned away: the attempt is enough.
    const peer = lab.inventory.hosts[1]?.address ?? "";
    await on(lab.source, `bash -c 'exec 3<>"/dev/tcp/$1/49200"' bash "$1" 2>/dev/null || true`, peer);
    await running.event("migration-started", ({ leg }) => leg === 2);
    await on(
      lab.target,
      "tc class change dev br0 parent 1:1 classid 1:30 htb rate 75mbit ceil 75mbit prio 3 quantum 60000",
    );
    const { result } = await finished(running);
    const checks = checksOf(result);
    assert.match(checks.classes ?? "", /^FAIL: leg 1: class 1:30 sent \S+ \S+ of the \S+ \S+ of the migrations; /);
    assert.match(checks.classes ?? "", /; leg 2: class 1:30 had \d\d Mbit\/s of the 100 that it is guaranteed/);
    assert.match(checks.channel ?? "", /^ERROR: leg 1: neither native nor tunnelled: /);
    assertFound(result.cases[0], { classes: "FAIL", channel: "ERROR" });
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
