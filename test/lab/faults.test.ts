import assert from "node:assert/strict";
import type { RunnablePlan } from "../../lib/model/plan.js";
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
import { HOLD, LET_GO, TWIN, UP, VIRSH } from "../support/trouble.js";
import { assertFound } from "../support/verdicts.js";

/** Migration ports as seen from the host that sends: a foreign firewall on the way. */
const WAY_OUT = "OUTPUT -p tcp --syn --dport 49152:49215 -j REJECT --reject-with tcp-reset";
const FOREIGN_RULE = "INPUT -s 192.0.2.9/32 -j ACCEPT";

/** Longer than any guest of the lab is silent when it moves. */
const LIMIT_MS = 950;
/** The link is down for a second; the rest is what a busy machine takes for the commands. */
const CUT_MS = { least: 1_000, most: 3_000 };
const CUT = `tap=$(${VIRSH} domiflist "$1" | awk '{ print $1 }')
ip link set "$tap" down; sleep 1; ip link set "$tap" up`;

const BOOT_ID = "cat /proc/sys/kernel/random/boot_id";

/** Boots a guest anew, and waits until it can be logged in to. */
async function reboot(lab: TestLab, plan: RunnablePlan, index: number): Promise<void> {
  const old = await openGuest(lab, plan, index);
  const before = await on(old, BOOT_ID);
  // Nobody is left to say how it ended.
  await old.run({ file: "reboot", args: ["-f"], timeoutMs: 2_000 }).catch(() => undefined);
  await on(lab.source, UP, plan.guests[index]?.address?.split("/")[0] ?? "");
  const anew = await openGuest(lab, plan, index);
  assert.notEqual(await on(anew, BOOT_ID), before);
  await Promise.all([old.close(), anew.close()]);
}

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
          migration: { bandwidthMiBps: 12 },
          limits: { downtime: `${LIMIT_MS}ms` },
          load: [{ on: "guests", tool: "stress-ng", args: ["--cpu", "1", "--cpu-load", "2", "--timeout", "600"] }],
        }),
      );
      const plan = await running.step("evidence before").then(() => planOf(running.folder));
      names = plan.guests.map(({ name }) => name);
      const [first = "", second = ""] = names;
      const one = await openGuest(lab, plan, 0);

      await running.event("migration-started", ({ guest }) => guest === first);
      await Promise.all([
        on(one, "echo '<4>Call Trace:' > /dev/kmsg; killall stress-ng"),
        on(lab.source, `iptables -A ${FOREIGN_RULE}`),
        on(lab.source, CUT, first),
      ]);
      await running.event("migration-started", ({ guest }) => guest === second);
      // Until it has booted it does not move, so that there is time enough on the slowest machine.
      const held = await on(lab.source, HOLD, second);
      await on(lab.source, `printf %s "$1" | ${VIRSH} create /dev/stdin`, TWIN(first));
      await reboot(lab, plan, 1);
      await on(lab.source, LET_GO, held.trim());
      await one.close();
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
    it("tells the silence that the onlooker saw, of the second for which it was cut off", () => {
      const [name] = names;
      const { longestMs = 0 } =
        job.result.cases[0]?.migrations.find(({ guest, leg }) => guest === name && leg === 1)?.silence ?? {};
      assert.ok(longestMs >= CUT_MS.least && longestMs <= CUT_MS.most, `${longestMs} ms`);
      assert.match(
        checks.silence ?? "",
        new RegExp(`^FAIL: .*${name}, leg 1: silent for ${longestMs} ms, the limit is ${LIMIT_MS} ms`),
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
    it("tells nothing else", () => {
      assertFound(job.result.cases[0], {
        ...{ uptime: "FAIL", "guest-kernel-log": "FAIL", silence: "FAIL", load: "ERROR", residue: "WARN" },
        ...{ "single-active": "FAIL", place: "FAIL", outcome: "ERROR" },
      });
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
      // None was completed of which figures could be told.
      assertFound(completed, { outcome: "FAIL", statistics: "ERROR" });
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
    assert.match(checks["single-active"] ?? "", /^ERROR: .*the event stream ended early/, stdout);
    assertFound(result.cases[0], { "single-active": "ERROR" });
    assert.equal(exitCode, 1);
    await assertAsBefore(lab);
  });

  it("a libvirtd that dies under a migration leaves hosts locked, until it is back and recover was run", async () => {
    const running = await startJob(lab, await scenario(lab, "daemon", { migration: { bandwidthMiBps: 12 } }));
    await running.event("migration-started");
    await on(lab.target, `until ${VIRSH} list --all --name | grep -q .; do sleep 0.02; done`);
    await on(lab.target, 'kill -9 "$(cat /run/libvirtd.pid)"');
    const { exitCode = 0, stdout, result, folder } = await finished(running);
    const [only] = result.cases;
    assert.equal(exitCode & 3, 3, stdout);
    assert.equal(only?.status, "FAIL");
    assert.match(only?.reason ?? "", new RegExp(`^leg 1: .*${lab.target.name}: .*Connection refused`, "s"));
    const checks = checksOf(result);
    assert.match(checks.outcome ?? "", /^FAIL: \S+, leg 1: failed \(.*end of file/i);
    // Nobody could look any more.
    assertFound(only, {
      ...{ outcome: "FAIL", place: "ERROR", "single-active": "ERROR", reachable: "ERROR", uptime: "ERROR" },
      ...{ "guest-kernel-log": "ERROR", statistics: "ERROR", residue: "ERROR" },
    });
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
