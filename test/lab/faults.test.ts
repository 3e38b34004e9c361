import assert from "node:assert/strict";
import { until } from "../../lib/poll.js";
import {
  assertAsBefore,
  checksOf,
  cli,
  type FinishedJob,
  finished,
  on,
  openGuest,
  planOf,
  readResult,
  runJob,
  scenario,
  startJob,
  type TestLab,
  testLab,
} from "../support/lab-job.js";

/** Migration ports as seen from the host that sends: a foreign firewall on the way. */
const WAY_OUT = "OUTPUT -p tcp --syn --dport 49152:49215 -j REJECT --reject-with tcp-reset";
const FOREIGN_RULE = "INPUT -s 192.0.2.9/32 -j ACCEPT";

/** An empty machine under the name of a guest: no disk, no network, so it harms nobody. */
const twin = (name: string): string =>
  `<domain type='qemu'><name>${name}</name><memory unit='MiB'>16</memory><os><type arch='x86_64'>hvm</type></os><features><acpi/></features></domain>`;

describe("faults made on purpose", function () {
  this.timeout(120_000);
  let lab: TestLab;

  before(async () => {
    lab = await testLab();
  });
  after(() => lab?.down());

  describe("in one case: a guest that boots, one with trouble in its kernel, without load, cut off and started twice", () => {
    let job: FinishedJob;
    let checks: Readonly<Record<string, string>>;
    let names: readonly string[];

    before(async () => {
      const running = await startJob(
        lab,
        await scenario(lab, "faulty", {
          guests: { count: 2, image: "tiny-a", memory: "128MiB" },
          migration: { bandwidthMiBps: 12, timeout: "15s" },
          limits: { downtime: "500ms" },
          load: [{ on: "guests", tool: "stress-ng", args: ["--cpu", "1", "--cpu-load", "2", "--timeout", "600"] }],
        }),
      );
      const plan = await running.step("evidence before").then(() => planOf(running.folder));
      names = plan.guests.map(({ name }) => name);
      const [first = "", second = ""] = names;
      const [one, two] = await Promise.all([openGuest(lab, plan, 0), openGuest(lab, plan, 1)]);

      await running.event("migration-started", ({ guest }) => guest === first);
      await Promise.all([
        on(two, "reboot -f >/dev/null 2>&1 &"),
        on(one, "echo '<4>Call Trace:' > /dev/kmsg; killall stress-ng"),
        on(lab.source, `iptables -A ${FOREIGN_RULE}`),
        on(
          lab.source,
          `tap=$(virsh -q -c qemu:///system domiflist "$1" | awk '{ print $1 }'); ip link set "$tap" down; sleep 1; ip link set "$tap" up`,
          first,
        ),
      ]);
      await running.event("migration-started", ({ guest }) => guest === second);
      await on(lab.source, `printf %s "$1" | virsh -q -c qemu:///system create /dev/stdin`, twin(first));
      await Promise.all([one.close(), two.close()]);
      job = await finished(running);
      checks = checksOf(job.result);
      await on(lab.source, `iptables -D ${FOREIGN_RULE}`);
    });

    it("fails", () => {
      assert.deepEqual([job.exitCode, job.result.cases[0]?.status], [1, "FAIL"], job.stdout);
    });
    it("tells the boot by the boot id", () => {
      assert.match(checks.uptime ?? "", new RegExp(`^FAIL: .*${names[1]}: booted in the meantime`));
    });
    it("tells the call trace with its guest", () => {
      assert.match(checks["guest-kernel-log"] ?? "", new RegExp(`^FAIL: .*${names[0]}.*Call Trace`));
    });
    it("tells the silence that the onlooker saw", () => {
      assert.match(
        checks.silence ?? "",
        new RegExp(`^FAIL: .*${names[0]}, leg 1: silent for \\d+ ms, the limit is 500 ms`),
      );
    });
    it("tells that the load was gone, which proves nothing against the hypervisor", () => {
      assert.match(checks.load ?? "", new RegExp(`^ERROR: .*stress-ng on ${names[0]}: not running`));
    });
    it("tells that the guest ran on two hosts, and did not move it then", () => {
      assert.match(checks["single-active"] ?? "", new RegExp(`^FAIL: .*${names[0]}.*: running on .* and on `));
      assert.match(checks.place ?? "", new RegExp(`^FAIL: .*${names[0]}: runs on .* and .* at the end`));
      assert.match(
        checks.outcome ?? "",
        new RegExp(`^ERROR: .*${names[0]}, leg 2: not-started .*is not ready to leave`),
      );
    });
    it("tells a firewall rule that somebody else made, and leaves it alone", () => {
      assert.match(checks.residue ?? "", /^WARN: .*192\.0\.2\.9/);
    });
    it("leaves the hosts as they were, the twin gone with the rest", () => assertAsBefore(lab));
  });

  it("closed ports fail a migration in libvirt's words, or pass where it is to fail", async () => {
    await on(lab.source, `iptables -A ${WAY_OUT}`);
    await on(lab.target, `iptables -A ${WAY_OUT}`);
    try {
      const { exitCode, result } = await runJob(
        lab,
        await scenario(
          lab,
          "closed",
          {},
          {
            expected: { completed: {}, failed: { expect: { outcome: "failed" } } },
          },
        ),
      );
      const [completed, failed] = result.cases;
      assert.deepEqual(
        [exitCode, completed?.status, failed?.status],
        [1, "FAIL", "PASS"],
        JSON.stringify(failed?.checks),
      );
      const outcome = completed?.checks.find(({ check }) => check === "outcome");
      assert.match(
        outcome?.message ?? "",
        /leg 1: failed \(error: .*[Uu]nable to connect|leg 1: failed \(error: .*refused/,
      );
      assert.equal(completed?.checks.find(({ check }) => check === "place")?.status, "PASS");
    } finally {
      await on(lab.source, `iptables -D ${WAY_OUT}`);
      await on(lab.target, `iptables -D ${WAY_OUT}`);
    }
    await assertAsBefore(lab);
  });

  it("a connection of the runner that is cut in the middle of a leg does not end the migration", async () => {
    const running = await startJob(lab, await scenario(lab, "cut", { migration: { bandwidthMiBps: 12 } }));
    await running.event("migration-started");
    // It ends the connection that it comes over, too.
    const cut = { file: "sh", args: ["-c", 'kill $(pgrep -P "$(cat /run/sshd.pid)")'], timeoutMs: 5_000 };
    await lab.source.run(cut).catch(() => undefined);
    await running.event("connection-lost", ({ host }) => host === lab.source.name);
    const { exitCode, result, stdout } = await finished(running);
    const checks = checksOf(result);
    assert.match(checks.outcome ?? "", /^PASS/, stdout);
    assert.match(checks.place ?? "", /^PASS/);
    assert.match(checks["single-active"] ?? "", /^ERROR: .*the event stream ended early/);
    assert.equal(exitCode, 1);
    await assertAsBefore(lab);
  });

  it("a libvirtd that dies under a migration leaves hosts locked, until it is back and recover was run", async () => {
    const running = await startJob(lab, await scenario(lab, "daemon", { migration: { bandwidthMiBps: 12 } }));
    await running.event("migration-started");
    await on(lab.target, 'kill -9 "$(cat /run/libvirtd.pid)"');
    const { exitCode = 0, stdout, result, folder } = await finished(running);
    const [only] = result.cases;
    assert.equal(exitCode & 3, 3, stdout);
    assert.match(only?.status ?? "", /^(ERROR|FAIL)$/);
    assert.match(only?.reason ?? "", new RegExp(lab.target.name));
    assert.notDeepEqual(only?.leftovers, []);
    const other = await cli(
      "run",
      "--inventory",
      lab.inventoryPath,
      "--results-dir",
      lab.folder,
      await scenario(lab, "next"),
    );
    assert.deepEqual([other.exitCode, /migstorm recover/.test(other.stderr)], [2, true], other.stderr);

    await on(lab.target, "libvirtd --listen -d >/dev/null 2>&1");
    await until(
      () => on(lab.target, "virsh -q -c qemu:///system list || true").then((text) => !text.includes("error")),
      {
        everyMs: 100,
        timeoutMs: 20_000,
        what: "libvirtd to answer",
      },
    );
    const recovered = await cli("recover", folder);
    assert.equal(recovered.exitCode, 0, recovered.stdout + recovered.stderr);
    await assertAsBefore(lab);
    assert.equal((await readResult(folder)).cases.length, 1);
  });
});
