import assert from "node:assert/strict";
import {
  assertAsBefore,
  checksOf,
  cli,
  type FinishedJob,
  finished,
  on,
  planOf,
  type RunningJob,
  scenario,
  startJob,
  type TestLab,
  testLab,
} from "../support/lab-job.js";
import { HOLD, LET_GO, TWIN, VIRSH } from "../support/trouble.js";
import { assertFound } from "../support/verdicts.js";

const GUEST = { image: "tiny-a", memory: "128MiB" };

/** A second copy of a guest runs for a while and goes again: only events tell. Then one is left that does not run. */
const COPY = `twin() { printf %s "$2" | ${VIRSH} "$1" /dev/stdin >/dev/null; }
twin create "$2"; sleep 1.6; ${VIRSH} destroy "$1" >/dev/null; twin define "$3"`;

/** The rules that let migrations in go, as if somebody had loaded the firewall anew. */
const CLOSE = "iptables -S INPUT | sed -n '/--comment migstorm-/s/^-A/-D/p' | xargs -L1 iptables";
/** As a job that died, and that nobody recovered, leaves it. */
const FORGOTTEN = "INPUT -s 192.0.2.9/32 -m comment --comment migstorm-0ddba11 -j ACCEPT";

/** libvirt cannot take a definition away on which something is mounted, so the undo fails. */
const PIN = 'mount --bind "/etc/libvirt/qemu/$1.xml" "/etc/libvirt/qemu/$1.xml"';
const UNPIN = 'umount "/etc/libvirt/qemu/$1.xml"';
/** A listener on a migration port, and what looks like a QEMU of the guest; prints their pids. */
const STAY = `bash -c 'exec -a "guest=$1,debug-threads=on" sleep 120' bash "$1" >/dev/null 2>&1 &
echo $!
busybox nc -l -p 49199 >/dev/null 2>&1 &
echo $!`;
const END_EVENTS = 'kill $(pgrep -f "^virsh .*event")';

const guestsOf = async (running: RunningJob): Promise<readonly string[]> => {
  await running.step("evidence before");
  return (await planOf(running.folder)).guests.map(({ name }) => name);
};

describe("faults made on purpose, of where guests are and what is left on hosts", function () {
  this.timeout(150_000);
  let lab: TestLab;

  before(async () => {
    lab = await testLab();
  });
  after(() => lab?.down());

  describe("in one case: a guest with a copy, one that is paused, ports that are closed again, a rule that was forgotten", () => {
    let checks: Readonly<Record<string, string>>;
    let job: FinishedJob;
    let names: readonly string[];

    before(async () => {
      const running = await startJob(lab, await scenario(lab, "strewn", { guests: { ...GUEST, count: 3 } }));
      names = await guestsOf(running);
      const [copied = "", paused = "", late = ""] = names;
      await on(lab.source, `iptables -A ${FORGOTTEN}`);
      await running.event("migration-started", ({ guest }) => guest === paused);
      const held = await on(lab.source, HOLD, late);
      await on(lab.target, CLOSE);
      const uuid = (await on(lab.target, `${VIRSH} domuuid "$1"`, copied)).trim();
      await on(lab.source, COPY, copied, TWIN(copied), TWIN(copied, uuid));
      await on(lab.target, `${VIRSH} suspend "$1"`, paused);
      await on(lab.source, LET_GO, held.trim());
      await running.event("migration-started", ({ leg }) => leg === 2);
      await on(lab.target, `${VIRSH} resume "$1"`, paused);
      job = await finished(running);
      checks = checksOf(job.result);
      await on(lab.source, `iptables -D ${FORGOTTEN}`);
    });

    it("tells the copy by libvirt's events: nobody else has seen it", () => {
      const [one] = names;
      assert.match(
        checks["single-active"] ?? "",
        new RegExp(`^FAIL: ${one}: running on \\S+ and \\S+ for \\d+ ms, by libvirt's events$`),
      );
    });
    it("tells the one that was left on the source, and the one that does not run on the target", () => {
      const [one, two] = names;
      const [from, to] = [lab.source.name, lab.target.name];
      assert.equal(
        checks.place,
        `FAIL: ${one}, leg 1: left on ${from} (shut off) after it completed; ${two}, leg 1: paused on ${to} after it completed, not running`,
      );
    });
    it("tells in libvirt's words that the ports were closed, and that what did not arrive could not come back", () => {
      const [, two, three] = names;
      assert.match(
        checks.outcome ?? "",
        new RegExp(`^FAIL: ${three}, leg 1: failed \\(error: .*(?:[Uu]nable to connect|refused)`),
      );
      for (const name of [two, three])
        assert.match(
          checks.outcome ?? "",
          new RegExp(`; ${name}, leg 2: not-started \\(${name} is not ready to leave`),
        );
    });
    it("tells the rule that bears the name of migstorm", () => {
      assert.match(checks.residue ?? "", /^ERROR: \S+: its firewall is not as before: \+ .*migstorm-0ddba11/);
    });
    it("tells nothing else", () => {
      assertFound(job.result.cases[0], { outcome: "FAIL", place: "FAIL", "single-active": "FAIL", residue: "ERROR" });
    });
    it("leaves the hosts as they were", () => assertAsBefore(lab));
  });

  describe("in one case: events that are lost while a switch is due, and a guest that the undo cannot take away", () => {
    let checks: Readonly<Record<string, string>>;
    let job: FinishedJob;
    let name = "";

    before(async () => {
      const running = await startJob(
        lab,
        await scenario(lab, "pinned", {
          guests: GUEST,
          migration: { mode: "postcopy", timeout: "1s", bandwidthMiBps: 16 },
        }),
      );
      [name = ""] = await guestsOf(running);
      await running.event("migration-started");
      await on(lab.target, END_EVENTS);
      await running.step("evidence after");
      await on(lab.source, PIN, name);
      const stayed = await on(lab.target, STAY, name);
      job = await finished(running);
      checks = checksOf(job.result);
      await on(lab.target, "kill $1", stayed.replaceAll("\n", " "));
      await on(lab.source, UNPIN, name);
    });

    it("tells that nothing shows the switch, and that it may have been missed", () => {
      assert.match(checks["single-active"] ?? "", /^ERROR: .*the event stream ended early/);
      assert.match(
        checks.mode ?? "",
        new RegExp(`^ERROR: ${name}, leg 1: finished in precopy, nothing shows a switch`),
      );
    });
    it("tells the domain, the process and the listener", () => {
      assert.match(checks.residue ?? "", new RegExp(`^FAIL: .*${lab.source.name}: domains are left: ${name}`));
      assert.match(checks.residue ?? "", new RegExp(`${lab.target.name}: QEMU still runs for ${name}`));
      assert.match(checks.residue ?? "", new RegExp(`${lab.target.name}: something listens on port 49199`));
    });
    it("tells of the timeout what is known: of leg 2 nothing, whose source has told no events", () => {
      assert.match(
        checks.suspended ?? "",
        /^ERROR: .*leg 2: took longer than its timeout, and whether it was suspended/,
      );
      assert.match(checks.suspended ?? "", /leg 1: suspended because the timeout of 1 s had passed/);
    });
    it("tells nothing else", () =>
      assertFound(job.result.cases[0], {
        "single-active": "ERROR",
        mode: "ERROR",
        residue: "FAIL",
        suspended: "ERROR",
      }));
    it("keeps the hosts locked until recover has had its way", async () => {
      assert.deepEqual([(job.exitCode ?? 0) & 3, job.result.cases[0]?.status], [3, "FAIL"], job.stdout);
      assert.match(job.result.cases[0]?.leftovers.join("\n") ?? "", new RegExp(`${lab.source.name}: guest ${name}`));
      const { exitCode, stdout, stderr } = await cli("recover", job.folder);
      assert.equal(exitCode, 0, stdout + stderr);
      await assertAsBefore(lab);
    });
  });
});
