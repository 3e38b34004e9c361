import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { undoAll } from "../../lib/journal/change-host.js";
import { takeOver } from "../../lib/lock/host-lock.js";
import { until } from "../../lib/poll.js";
import { openLocal } from "../../lib/transport/local-remote.js";
import type { Remote } from "../../lib/transport/transport.js";
import {
  assertAsBefore,
  cli,
  on,
  planOf,
  type RunningJob,
  scenario,
  startJob,
  type TestLab,
  testLab,
} from "../support/lab-job.js";

const remote = openLocal("h1");
const record = { jobId: "j", who: "w", controller: "c", pid: 1, since: "", reason: "", resultsDir: "" };

describe("a runner that is killed at any moment", function () {
  this.timeout(600_000);
  /** A campaign for publishing takes hundreds; here a few show that it works. */
  const KILLS = Number(process.env.KILLS ?? 12);

  /** @returns how many kills left a file behind on the host after everything was undone */
  const campaign = async (fence: boolean, kills: number): Promise<number> => {
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, async (_, lane) => {
        let dirty = 0;
        for (let i = 0; i < kills / 4; i += 1) dirty += (await killOnce(fence, lane * 37 + i * 61)) ? 1 : 0;
        return dirty;
      }),
    );
    return outcomes.reduce((sum, dirty) => sum + dirty, 0);
  };

  it("leaves nothing on the host once it was recovered", async () => assert.equal(await campaign(true, KILLS), 0));
  it("would leave something without the fence: the test can tell", async () => {
    let dirty = 0;
    for (let tries = 0; dirty === 0 && tries < 10; tries += 1) dirty = await campaign(false, 4);
    assert.notEqual(dirty, 0);
  });

  async function killOnce(fence: boolean, delayMs: number): Promise<boolean> {
    const folder = mkdtempSync(join(tmpdir(), "migstorm-kill-"));
    const [journal, host, base] = [join(folder, "undo.ndjson"), join(folder, "host"), join(folder, "run")];
    mkdirSync(host);
    writeFileSync(join(host, "before"), "");
    const runner = spawn(
      process.execPath,
      [
        "--import",
        "tsx",
        join(import.meta.dirname, "../unit/lib/journal/runner.ts"),
        journal,
        host,
        base,
        fence ? "fence" : "none",
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await begun(runner);
    await until(async () => statSync(journal).size > 0, { everyMs: 2, timeoutMs: 20_000, what: "the first change" });
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const dead = new Promise((resolve) => runner.once("exit", resolve));
    runner.kill("SIGKILL");
    await dead;
    const lock = fence ? await takenOver(base) : undefined;
    assert.deepEqual(await undoAll(journal, () => ({ remote, base }), "t2"), []);
    await lock?.release();
    await until(async () => !stillRuns(host), { everyMs: 20, timeoutMs: 5_000, what: "what it left running" });
    const isDirty = readdirSync(host).length !== 1;
    rmSync(folder, { recursive: true });
    return isDirty;
  }

  const begun = (runner: ChildProcess): Promise<unknown> =>
    new Promise((resolve, reject) => {
      runner.stdout?.once("data", resolve);
      runner.once("exit", () => reject(new Error("the runner ended")));
    });
  const takenOver = (base: string) => takeOver(remote, { deadToken: "t1", token: "t2" }, record, { base });
  const stillRuns = (host: string): boolean =>
    readdirSync("/proc").some((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(`${host}/`));
  const commandLine = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      // It has ended meanwhile.
      return "";
    }
  };
});

/** As much of a guest as a migration that ends late leaves: libvirt knows it. */
const COMES = `printf '<domain type="qemu"><name>%s</name><memory unit="MiB">32</memory><os><type>hvm</type></os></domain>' "$1" |
  virsh -q -c qemu:///system define /dev/stdin`;

describe("recover, when a machine does not answer", function () {
  this.timeout(120_000);
  let lab: TestLab;
  let storage: Remote;
  let slow: string;

  before(async () => {
    lab = await testLab();
    assert.ok(lab.machines.storage !== undefined);
    storage = lab.machines.storage;
    slow = await scenario(lab, "slow", { migration: { bandwidthMiBps: 16 } });
  });
  after(() => lab?.down());

  async function killedMidLeg(): Promise<RunningJob> {
    const job = await startJob(lab, slow);
    await job.event("migration-started");
    assert.equal(job.child.kill("SIGKILL"), true);
    await job.ended;
    return job;
  }

  /** Nobody new gets in; whoever is in, as this test is, stays. */
  const shut = (machine: Remote) => on(machine, 'kill "$(cat /run/sshd.pid)"');
  const reopen = (machine: Remote) => on(machine, "/usr/sbin/sshd -E /run/sshd.log");

  for (const which of ["the storage machine", "a host"] as const)
    it(`puts the others back, and goes on once ${which} answers again`, async () => {
      const machine = which === "a host" ? lab.target : storage;
      const job = await killedMidLeg();
      await shut(machine);
      try {
        const first = await cli("recover", job.folder);
        assert.equal(first.exitCode, 2, first.stdout + first.stderr);
        assert.match(first.stdout, new RegExp(`NOT UNDONE: ${machine.name}: the job's lock: `));
        assert.match(first.stdout, new RegExp(`--give-up ${machine.name}\n`));
        assert.doesNotMatch(first.stdout, new RegExp(`NOT UNDONE: (?!${machine.name}:)`));
        assert.match(first.stdout, new RegExp(`taken back: ${lab.source.name}: guest `));
        assert.equal((await on(lab.source, "virsh -q -c qemu:///system list --all --name")).trim(), "");
      } finally {
        await reopen(machine);
      }
      const second = await cli("recover", job.folder);
      assert.equal(second.exitCode, 0, second.stdout + second.stderr);
      await assertAsBefore(lab);
    });

  it("takes away a guest that came from it to a host that was clean already", async () => {
    const job = await killedMidLeg();
    const [guest] = (await planOf(job.folder)).guests;
    assert.ok(guest !== undefined);
    await shut(lab.source);
    try {
      const { exitCode, stdout } = await cli("recover", job.folder);
      assert.equal(exitCode, 2);
      assert.match(stdout, new RegExp(`taken back: ${lab.target.name}: guest ${guest.name}`));
      await on(lab.target, COMES, guest.name);
    } finally {
      await reopen(lab.source);
    }
    const { exitCode, stdout, stderr } = await cli("recover", job.folder);
    assert.equal(exitCode, 0, stdout + stderr);
    await assertAsBefore(lab);
  });

  it("waits no longer for one that was given up by name", async () => {
    const job = await killedMidLeg();
    await shut(storage);
    try {
      const wrong = await cli("recover", job.folder, "--give-up", "elsewhere");
      assert.equal(wrong.exitCode, 4, wrong.stdout + wrong.stderr);
      const { exitCode, stdout, stderr } = await cli("recover", job.folder, "--give-up", storage.name);
      assert.equal(exitCode, 0, stdout + stderr);
      assert.match(stdout, new RegExp(`given up: ${storage.name}: disk `));
      const again = await cli("recover", job.folder);
      assert.equal(again.exitCode, 0, again.stdout + again.stderr);
    } finally {
      await reopen(storage);
    }
    assert.match(await on(storage, "ls /srv/migstorm"), /\.qcow2/);
    await on(storage, "rm -rf /srv/migstorm/*.qcow2 /run/migstorm/storage-*");
    await assertAsBefore(lab);
  });
});
