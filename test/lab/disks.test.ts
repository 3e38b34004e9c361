import assert from "node:assert/strict";
import type { Command } from "../../lib/model/command.js";
import type { PlannedVolume } from "../../lib/model/plan.js";
import { makeVolume, volumeSource } from "../../lib/prepare/volumes.js";
import type { FinishedJob, TestLab } from "../support/lab-job.js";
import {
  assertAsBefore,
  checksOf,
  cli,
  finished,
  on,
  openGuest,
  planOf,
  runJob,
  scenario,
  startJob,
  testLab,
} from "../support/lab-job.js";
import { needsRoot } from "../support/needs.js";
import { assertFound } from "../support/verdicts.js";

const ephemeral = (where: string) => ({ use: "ephemeral", on: where, size: "32MiB" });
const swap = (where: string) => ({ use: "swap", on: where, size: "64MiB" });
const SLOW = { bandwidthMiBps: 16 };

/** What of disks could be left on the storage machine, and on a host. */
const SERVED = "tgtadm --lld iscsi --mode target --op show; pgrep -a qemu-nbd; ls -A /srv/migstorm";
const OWN = "virsh -q -c qemu:///system pool-list --all --name; ls -A /var/lib/libvirt/images";

/** Writes over some bytes of the last block of content in a raw disk, wherever the file system has put it. */
const OVERWRITE = `at=$(LC_ALL=C grep -abom1 '^63 [0-9a-f]' "$1" | cut -d: -f1)
printf 'not what was written' | dd of="$1" bs=1 seek=$((at + 4)) conv=notrunc 2>/dev/null`;
const SWAP_OFF = "swapoff \"$(awk 'NR == 2 { print $1 }' /proc/swaps)\"";
const TLS = "/etc/libvirt/migration-tls";
const CA = `${TLS}/ca-cert.pem`;

describe("disks that a storage machine serves, and TLS", function () {
  this.timeout(240_000);
  let lab: TestLab;
  let empty: readonly string[];

  const disksNow = async (): Promise<string[]> => {
    const storage = lab.machines.storage;
    assert.ok(storage !== undefined);
    return Promise.all([on(storage, SERVED), on(lab.source, OWN), on(lab.target, OWN)]);
  };
  const assertNothingLeft = async (): Promise<void> => {
    assert.deepEqual(await disksNow(), empty);
    await assertAsBefore(lab);
  };

  before(async () => {
    needsRoot();
    lab = await testLab();
    empty = await disksNow();
  });
  after(() => lab?.down());

  describe("there and back", () => {
    let job: FinishedJob;
    const said = (variant: string, check: string): string => {
      const found = job.result.cases.find(({ case: { variants } }) => variants[0] === variant);
      const { status, message } = found?.checks.find((one) => one.check === check) ?? {};
      return `${status}: ${message}`;
    };

    before(async () => {
      const local = { disks: [ephemeral("local")] };
      job = await runJob(
        lab,
        await scenario(
          lab,
          "disks",
          {},
          {
            what: {
              mixed: { guests: { boot: "volume", disks: [ephemeral("nfs"), swap("nbd")] } },
              iscsi: { guests: { boot: "volume", localPool: true, disks: [ephemeral("iscsi"), swap("iscsi")] } },
              left: { guests: local, expect: { outcome: "failed" } },
              copied: { guests: local, migration: { copyStorage: "all" } },
              tls: { migration: { channel: "tls" } },
            },
          },
        ),
      );
    });

    it("passes", () => {
      const statuses = job.result.cases.map(({ case: { variants }, status }) => `${variants[0]}: ${status}`);
      assert.deepEqual(
        statuses,
        ["mixed", "iscsi", "left", "copied", "tls"].map((name) => `${name}: PASS`),
        job.stdout,
      );
    });
    it("proves that every disk was read back, and that swap was in use", () => {
      for (const variant of ["mixed", "iscsi"])
        assert.equal(said(variant, "disks"), "PASS: all 3 disks hold what was written to them, and swap is in use");
      assert.equal(said("copied", "disks"), "PASS: all 2 disks hold what was written to them");
    });
    it("proves that libvirt refuses a disk that is not shared, unless it is copied", () => {
      const [one] = job.result.cases.find(({ case: { variants } }) => variants[0] === "left")?.migrations ?? [];
      assert.match(one?.error ?? "", /Unsafe migration: Migration without shared storage is unsafe/);
    });
    it("leaves nothing on the storage machine and the hosts", assertNothingLeft);
  });

  describe("in one case: a disk that was written over behind the guest's back, and swap that was switched off", () => {
    let checks: Readonly<Record<string, string>>;

    before(async () => {
      const guests = { count: 1, image: "tiny-a", memory: "128MiB", disks: [ephemeral("nfs"), swap("nbd")] };
      const running = await startJob(lab, await scenario(lab, "spoilt", { guests, migration: SLOW }));
      await running.event("migration-started");
      const plan = await planOf(running.folder);
      const storage = lab.machines.storage;
      assert.ok(storage !== undefined);
      const guest = await openGuest(lab, plan, 0);
      await on(storage, OVERWRITE, `/srv/migstorm/${plan.guests[0]?.name}-d1.raw`);
      await on(guest, SWAP_OFF);
      await guest.close();
      const job = await finished(running);
      checks = checksOf(job.result);
      assert.deepEqual([job.exitCode, job.result.cases[0]?.status], [1, "FAIL"], job.stdout);
      assertFound(job.result.cases[0], { disks: "FAIL" });
    });

    it("tells both", () => {
      assert.match(checks.disks ?? "", /^FAIL: .*ephemeral disk d1 \(nfs\): it does not hold what was written to it/);
      assert.match(checks.disks ?? "", /swap disk d2 \(nbd\): the swap is not active/);
    });
    it("leaves nothing on the storage machine and the hosts", assertNothingLeft);
  });

  it("a runner that is killed leaves disks behind, which recover takes away", async () => {
    const disks = [ephemeral("iscsi"), swap("nbd"), ephemeral("local")];
    const guests = { count: 1, image: "tiny-a", memory: "128MiB", boot: "volume", localPool: true, disks };
    const running = await startJob(lab, await scenario(lab, "killed", { guests, expect: { outcome: "failed" } }));
    await running.event("migration-started");
    running.child.kill("SIGKILL");
    await running.ended;
    assert.notDeepEqual(await disksNow(), empty);
    const { exitCode, stdout, stderr } = await cli("recover", running.folder);
    assert.equal(exitCode, 0, stdout + stderr);
    await assertNothingLeft();
  });

  it("volumes that are made at once get targets and ports of their own, and going is harmless twice", async () => {
    const storage = lab.machines.storage;
    assert.ok(storage !== undefined);
    const volumes = (["iscsi", "nbd", "nfs"] as const).flatMap((where) =>
      [1, 2, 3].map((number): PlannedVolume => {
        const name = `ms-test-${where}-${number}`;
        return { name, serial: "d1", target: "vdb", use: "ephemeral", on: where, sizeMiB: 1 };
      }),
    );
    const changes = volumes.map((volume) => makeVolume(lab.inventory, volume));
    const run = (command: Command): Promise<void> =>
      storage.run(command).then(({ exitCode, stderr }) => assert.equal(exitCode, 0, stderr));
    await Promise.all(changes.map(({ apply }) => run(apply)));
    const sources = await Promise.all(volumes.map((volume) => volumeSource(lab.inventory, volume, storage.run)));
    const ports = sources.flatMap((source) => (source.kind === "nbd" ? [source.port] : []));
    assert.equal(new Set(ports).size, 3);
    const targets = await on(storage, "tgtadm --lld iscsi --mode target --op show | grep -c '^Target'");
    assert.equal(targets, "3\n");
    for (const _ of [1, 2]) await Promise.all(changes.map(({ undo }) => run(undo)));
    await assertNothingLeft();
  });

  it("without the lab's CA on the target nothing migrates with TLS", async () => {
    await on(lab.target, 'mv "$1" "$1.away"', CA);
    try {
      const tls = { migration: { channel: "tls" }, expect: { outcome: "failed" } };
      const { result, stdout } = await runJob(lab, await scenario(lab, "no-ca", tls));
      assert.equal(result.cases[0]?.status, "PASS", stdout);
      assert.match(result.cases[0]?.migrations[0]?.error ?? "", /ca-cert\.pem|certificate|TLS/i);
    } finally {
      await on(lab.target, 'mv "$1.away" "$1"', CA);
    }
  });

  it("nobody but root can read a key of the lab", async () => {
    const modes = await on(lab.source, 'stat -L -c "%a %U" "$1"/*-key.pem | sort -u', TLS);
    assert.equal(modes, "600 root\n");
  });
});
