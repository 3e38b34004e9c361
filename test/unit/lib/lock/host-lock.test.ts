import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guarded, jobLockFolder, runGuarded } from "../../../../lib/lock/guarded.js";
import { acquireLock, acquireLocks, breakLock, noteOwner, readLock, takeOver } from "../../../../lib/lock/host-lock.js";
import type { LockRecord } from "../../../../lib/lock/lock-record.js";
import { until } from "../../../../lib/poll.js";
import { workFolder } from "../../../../lib/prepare/work-folder.js";
import { openLocal } from "../../../../lib/transport/local-remote.js";

const record: LockRecord = {
  jobId: "job-1",
  who: "ann",
  controller: "runner1",
  pid: 42,
  since: "2026-11-21T06:42:00Z",
  reason: "runs cases",
  resultsDir: "/results/job-1",
};
const sh = (script: string, ...args: string[]) => ({
  file: "sh",
  args: ["-c", script, "sh", ...args],
  timeoutMs: 10_000,
});

describe("the lock of a host", () => {
  const remote = openLocal("h1");
  let base: string;
  beforeEach(() => {
    base = join(mkdtempSync(join(tmpdir(), "migstorm-lock-")), "run");
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));
  const take = (token: string, jobId = "job-1") => acquireLock(remote, token, { ...record, jobId }, { base });

  it("tells who has it, and that nobody has", async () => {
    assert.equal(await readLock(remote, { base }), undefined);
    const lock = await take("t1");
    assert.deepEqual(await readLock(remote, { base }), { token: "t1", record, lives: true, isKept: false });
    await lock.release();
    await lock.release();
    assert.equal(await readLock(remote, { base }), undefined);
  });
  it("goes to exactly one of many", async () => {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => take(`t${i}`, `job-${i}`)));
    const won = tries.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    assert.equal(won.length, 1);
    for (const result of tries) if (result.status === "rejected") assert.equal(result.reason.code, "host-busy");
    assert.equal((await readLock(remote, { base }))?.token, won[0]?.token);
    await won[0]?.release();
  });
  it("is fine to take twice for one job, under two names of one machine", async () => {
    const machines = [remote, openLocal("h1-again")].map((each) => ({ remote: each, base }));
    const locks = await acquireLocks(machines, "t1", record);
    assert.equal(locks.length, 2);
    for (const lock of locks) await lock.release();
  });
  it("is taken over twice for one job, under two names of one machine", async () => {
    await (await take("t1")).abandon();
    const [first, second] = [remote, openLocal("h1-again")].map((each) => () => {
      return takeOver(each, { deadToken: "t1", token: "t2" }, record, { base });
    });
    assert.ok(first !== undefined && second !== undefined);
    const locks = [await first(), await second()];
    assert.equal((await readLock(remote, { base }))?.token, "t2");
    assert.equal((await runGuarded(remote, { token: "t2", base }, sh("true"))).exitCode, 0);
    for (const lock of locks) await lock.release();
    assert.equal(await readLock(remote, { base }), undefined);
  });
  it("in a folder of the job's own lets other jobs use the machine, and goes with its folder", async () => {
    const mine = { base: join(base, "storage-1"), isOwn: true };
    const lock = await acquireLock(remote, "t1", record, mine);
    const host = await take("t2", "job-2");
    const other = await acquireLock(remote, "t2", record, { base: join(base, "storage-2"), isOwn: true });
    await lock.release();
    await lock.release();
    assert.equal(existsSync(mine.base), false);
    await assert.rejects(runGuarded(remote, { token: "t1", base: mine.base }, sh("true")), { code: "host-busy" });
    assert.equal((await readLock(remote, { base }))?.token, "t2");
    await other.abandon();
    await (
      await takeOver(remote, { deadToken: "t2", token: "t3" }, record, { base: join(base, "storage-2"), isOwn: true })
    ).release();
    assert.equal(existsSync(join(base, "storage-2")), false);
    await host.release();
  });
  it("of the machine that makes disks does not lie in the folder that holds a job's programs", () =>
    assert.notEqual(jobLockFolder("abc1234"), workFolder("abc1234")));
  it("is taken on all machines or on none", async () => {
    const other = await take("t1");
    const free = join(base, "free");
    const elsewhere = { ...remote, name: "h0", start: redirected(free), run: redirectedRun(free) };
    const machines = [remote, elsewhere].map((each) => ({ remote: each, base }));
    await assert.rejects(acquireLocks(machines, "t2", record), { code: "host-busy" });
    assert.equal(await readLock(remote, { base: free }), undefined);
    await other.release();
  });
  /** The same machine with another folder, as if it were another host. */
  const redirected =
    (to: string): typeof remote.start =>
    ({ file, args }, onLine, options) =>
      remote.start({ file, args: args.map((arg) => (arg === base ? to : arg)) }, onLine, options);
  const redirectedRun =
    (to: string): typeof remote.run =>
    (command) =>
      remote.run({ ...command, args: command.args.map((arg) => (arg === base ? to : arg)) });

  it("says of a living holder that it lives, of a dead one what to do", async () => {
    const lock = await take("t1");
    await assert.rejects(
      take("t2", "job-2"),
      /job-1 of ann \(process 42 on runner1\).*: runs cases\. Its runner is alive/,
    );
    await lock.abandon();
    await assert.rejects(take("t2", "job-2"), /Its runner is gone.*migstorm recover \/results\/job-1.* on runner1/);
  });
  it("is told anew why it is had, by its owner alone, who may be gone", async () => {
    const until = new Date(Date.now() + 60_000).toISOString();
    const kept = { ...record, reason: "kept", kept: { caseId: "s.a", until } };
    const lock = await take("t1");
    await lock.note(kept);
    await assert.rejects(
      take("t2", "job-2"),
      /^HarnessError: h1 is kept for case s\.a of job-1, by ann@runner1, until /,
    );
    await lock.abandon();
    assert.deepEqual(await readLock(remote, { base }), { token: "t1", record: kept, lives: false, isKept: true });
    await assert.rejects(noteOwner(remote, "t2", record, { base }), /no longer ours/);
    await noteOwner(remote, "t1", record, { base });
    assert.equal((await readLock(remote, { base }))?.isKept, false);
    const next = await takeOver(remote, { deadToken: "t1", token: "t2" }, record, { base });
    await assert.rejects(noteOwner(remote, "t1", kept, { base }), /no longer ours/);
    await next.release();
    await assert.rejects(noteOwner(remote, "t2", kept, { base }), /no longer ours/);
  });
  it("is not taken over from the living", async () => {
    const lock = await take("t1");
    await assert.rejects(takeOver(remote, { deadToken: "t1", token: "t2" }, record, { base }), /still alive/);
    assert.equal((await readLock(remote, { base }))?.token, "t1");
    await lock.release();
  });
  it("is taken over from the dead, and from whoever died doing so", async () => {
    await (await take("t1")).abandon();
    await (await takeOver(remote, { deadToken: "t1", token: "t2" }, record, { base })).abandon();
    const lock = await takeOver(remote, { deadToken: "t1", token: "t3" }, record, { base });
    assert.equal((await readLock(remote, { base }))?.token, "t3");
    await lock.release();
  });
  it("is not taken over from another job", async () => {
    await (await take("t9", "job-9")).abandon();
    await assert.rejects(takeOver(remote, { deadToken: "t1", token: "t2" }, record, { base }), /in use by job-9/);
  });
  it("is taken over on a host that was restarted and knows nothing", async () => {
    const lock = await takeOver(remote, { deadToken: "t1", token: "t2" }, record, { base });
    assert.equal((await readLock(remote, { base }))?.token, "t2");
    await lock.release();
  });
  it("can be broken, and its owner notices", async () => {
    const lock = await take("t1");
    await breakLock(remote, "other", { base });
    assert.ok(await readLock(remote, { base }));
    await breakLock(remote, "t1", { base });
    await assert.rejects(runGuarded(remote, { token: "t1", base }, sh("true")), { code: "host-busy" });
    const next = await take("t2", "job-2");
    await lock.release();
    assert.equal((await readLock(remote, { base }))?.token, "t2");
    await next.release();
  });
  it("copes with an owner that nobody can read", async () => {
    await (await take("t1")).release();
    writeFileSync(join(base, "owner"), "strange\nnot json\n");
    await assert.rejects(take("t2"), /no readable record/);
  });

  describe("and its fence", () => {
    it("lets commands through while the lock is ours, with their own answers", async () => {
      const lock = await take("t1");
      const result = await runGuarded(remote, { token: "t1", base }, { ...sh("cat; exit 3"), input: "in" });
      assert.deepEqual([result.exitCode, result.stdout], [3, "in"]);
      assert.deepEqual(result.command.args, sh("cat; exit 3").args);
      await lock.release();
      await assert.rejects(runGuarded(remote, { token: "t1", base }, sh("true")), /no longer ours/);
    });
    it("lets them run beside each other, and one alone", async () => {
      const lock = await take("t1");
      const meet = ': >"$1/$2"; until [ -e "$1/a" ] && [ -e "$1/b" ]; do sleep 0.01; done';
      const both = ["a", "b"].map((name) => runGuarded(remote, { token: "t1", base }, sh(meet, base, name)));
      assert.deepEqual(
        (await Promise.all(both)).map(({ exitCode }) => exitCode),
        [0, 0],
      );
      const file = join(base, "order");
      const slow = runGuarded(remote, { token: "t1", base }, sh('sleep 0.2; echo beside >>"$1"', file));
      await until(async () => !(await isFree(base)), { everyMs: 5, timeoutMs: 2_000, what: "it to begin" });
      await runGuarded(remote, { token: "t1", base, alone: true }, sh('echo alone >>"$1"', file));
      await slow;
      assert.equal(readFileSync(file, "utf8"), "beside\nalone\n");
      await lock.release();
    });
    it("ends a command at its own limit, and only then lets go", async () => {
      const lock = await take("t1");
      const late = runGuarded(remote, { token: "t1", base }, { file: "sleep", args: ["30"], timeoutMs: 100 });
      await assert.rejects(late, { code: "deadline" });
      await lock.release();
    });
    it("is not held by what a command leaves running", async () => {
      const lock = await take("t1");
      await runGuarded(remote, { token: "t1", base }, sh("sleep 1 >/dev/null 2>&1 </dev/null &"));
      assert.ok(await isFree(base));
      await lock.release();
    });
    it("waits for what the dead left under way, and refuses what comes later", async () => {
      await (await take("t1")).abandon();
      const file = join(base, "landed");
      const inFlight = runGuarded(remote, { token: "t1", base }, sh('sleep 0.3; : >"$1"', file));
      await until(async () => !(await isFree(base)), { everyMs: 5, timeoutMs: 2_000, what: "it to begin" });
      const lock = await takeOver(remote, { deadToken: "t1", token: "t2" }, record, { base });
      assert.ok(existsSync(file));
      await inFlight;
      await assert.rejects(runGuarded(remote, { token: "t1", base }, sh("true")), { code: "host-busy" });
      await lock.release();
    });
    it("bounds the whole on the machine by more than the command's own time", () => {
      const { timeoutMs } = guarded({ token: "t1" }, sh("true"));
      assert.ok(timeoutMs > sh("true").timeoutMs);
    });
  });
  const isFree = async (folder: string): Promise<boolean> =>
    (await remote.run({ file: "flock", args: ["-n", "-x", join(folder, "fence"), "true"], timeoutMs: 5_000 }))
      .exitCode === 0;
});
