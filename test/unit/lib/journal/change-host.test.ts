import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HarnessError } from "../../../../lib/errors.js";
import { changeHost, changeHosts, undoAll } from "../../../../lib/journal/change-host.js";
import { createJournal, outstanding } from "../../../../lib/journal/journal.js";
import { acquireLock, type HostLock, takeOver } from "../../../../lib/lock/host-lock.js";
import type { HostChange } from "../../../../lib/model/command.js";
import type { CommandRecord } from "../../../../lib/model/result.js";
import { until } from "../../../../lib/poll.js";
import { openLocal } from "../../../../lib/transport/local-remote.js";
import { fileChange } from "./file-change.js";

const record = { jobId: "j", who: "w", controller: "c", pid: 1, since: "", reason: "", resultsDir: "" };
const remote = openLocal("h1");
const sh = (script: string, ...args: string[]) => ({
  file: "sh",
  args: ["-c", script, "sh", ...args],
  timeoutMs: 5_000,
});

describe("changeHost", () => {
  let folder: string;
  let journal: string;
  let base: string;
  let lock: HostLock;
  const remoteOf = (name: string) => (name === "h1" ? remote : undefined);
  const ctx = () => ({ journal, remote, token: "t1", base });
  const undo = () => undoAll(journal, remoteOf, "t1", { base });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-change-"));
    journal = join(folder, "undo.ndjson");
    base = join(folder, "run");
    await createJournal(journal);
    lock = await acquireLock(remote, "t1", record, { base });
  });
  afterEach(async () => {
    await lock.release();
    rmSync(folder, { recursive: true });
  });

  it("writes down the way back before it changes anything", async () => {
    const seen: number[] = [];
    const watching = {
      ...remote,
      run: async (...args: Parameters<typeof remote.run>) => {
        seen.push((await outstanding(journal)).length);
        return remote.run(...args);
      },
    };
    await changeHosts({ ...ctx(), remote: watching }, [fileChange(join(folder, "a")), fileChange(join(folder, "b"))]);
    assert.deepEqual(seen, [2, 2]);
    assert.deepEqual(await undo(), []);
    assert.deepEqual(await undo(), []);
    assert.equal(existsSync(join(folder, "a")), false);
  });
  it("changes nothing when that cannot be written", async () => {
    const path = join(folder, "a");
    await assert.rejects(changeHost({ ...ctx(), journal: "/dev/full" }, fileChange(path)), { code: "internal" });
    assert.equal(existsSync(path), false);
  });
  it("undoes newest first, and what was made together together", async () => {
    const order = join(folder, "order");
    const change = (name: string): HostChange => ({
      what: name,
      apply: sh("true"),
      undo: sh('sleep 0.1; echo "$1" >>"$2"', name, order),
    });
    await changeHost(ctx(), change("first"));
    await changeHosts(
      ctx(),
      Array.from({ length: 5 }, () => change("second")),
    );
    await changeHost(ctx(), change("third"));
    const startMs = performance.now();
    assert.deepEqual(await undo(), []);
    assert.ok(performance.now() - startMs < 600);
    assert.deepEqual((await remote.run(sh('cat "$1"', order))).stdout.trim().split("\n"), [
      "third",
      ...Array.from({ length: 5 }, () => "second"),
      "first",
    ]);
  });
  it("says what failed, and undoes that too", async () => {
    const good = fileChange(join(folder, "a"));
    const bad: HostChange = {
      ...fileChange(join(folder, "b")),
      apply: sh(': >"$1"; echo no >&2; exit 1', join(folder, "b")),
    };
    await assert.rejects(changeHosts(ctx(), [good, bad]), { code: "command-failed", message: /h1: file .*b: no/ });
    assert.deepEqual(await undo(), []);
    assert.deepEqual([existsSync(join(folder, "a")), existsSync(join(folder, "b"))], [false, false]);
  });
  it("tells the record of what was meant, not of the fence around it", async () => {
    const records: CommandRecord[] = [];
    const change = fileChange(join(folder, "a"));
    await changeHost({ ...ctx(), onRecord: (each) => records.push(each), nowMs: () => 7 }, change);
    assert.deepEqual(records, [
      {
        host: "h1",
        argv: [change.apply.file, ...change.apply.args],
        what: change.what,
        exitCode: 0,
        startMs: 7,
        durationMs: 0,
      },
    ]);
    await undo();
  });
  it("lists what could not be undone, keeps it, and goes on with the rest", async () => {
    const stuck: HostChange = { what: "stuck", apply: sh("true"), undo: sh("echo will not go >&2; exit 1") };
    await changeHost(ctx(), fileChange(join(folder, "a")));
    await changeHost(ctx(), stuck);
    await changeHost({ ...ctx(), remote: { ...remote, name: "h9" } }, { ...stuck, what: "far" });
    assert.deepEqual(await undo(), ["h9: far: there is no way to this machine", "h1: stuck: will not go"]);
    assert.equal(existsSync(join(folder, "a")), false);
    assert.equal((await outstanding(journal)).length, 2);
  });
  it("waits with the undo for a change whose answer was lost", async () => {
    const path = join(folder, "late");
    const change = { ...fileChange(path), apply: sh('sleep 0.4; : >"$1"', path) };
    const losing = {
      ...remote,
      run: async (...args: Parameters<typeof remote.run>) => {
        void remote.run(...args);
        await remote.run({ file: "sleep", args: ["0.1"], timeoutMs: 1_000 });
        throw new HarnessError("unreachable", "h1: connection lost");
      },
    };
    await assert.rejects(changeHost({ ...ctx(), remote: losing }, change), { code: "unreachable" });
    assert.deepEqual(await undo(), []);
    assert.equal(existsSync(path), false);
    await remote.run({ file: "sleep", args: ["0.5"], timeoutMs: 1_000 });
    assert.equal(existsSync(path), false);
  });
  it("never throws when undoing, not even without a journal", async () =>
    assert.equal((await undoAll(join(folder, "nowhere"), remoteOf, "t1")).length, 1));
});

describe("a runner that is killed at any moment", function () {
  this.timeout(600_000);
  /** A campaign for publishing takes hundreds; here a few show that it works. */
  const KILLS = Number(process.env.KILLS ?? 8);

  /** @returns how many kills left a file behind on the host after everything was undone */
  const campaign = async (fence: boolean, kills: number): Promise<number> => {
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, async (_, lane) => {
        let dirty = 0;
        for (let i = 0; i < kills / 4; i += 1) dirty += (await killOnce(fence, lane * 7 + i * 11)) ? 1 : 0;
        return dirty;
      }),
    );
    return outcomes.reduce((sum, dirty) => sum + dirty, 0);
  };

  it("leaves nothing on the host once it was recovered", async () => assert.equal(await campaign(true, KILLS), 0));
  it("would leave something without the fence: the test can tell", async () =>
    assert.notEqual(await campaign(false, 4), 0));

  async function killOnce(fence: boolean, delayMs: number): Promise<boolean> {
    const folder = mkdtempSync(join(tmpdir(), "migstorm-kill-"));
    const [journal, host, base] = [join(folder, "undo.ndjson"), join(folder, "host"), join(folder, "run")];
    mkdirSync(host);
    writeFileSync(join(host, "before"), "");
    const runner = spawn(
      process.execPath,
      ["--import", "tsx", join(import.meta.dirname, "runner.ts"), journal, host, base, fence ? "fence" : "none"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await begun(runner);
    await new Promise((resolve) => setTimeout(resolve, 60 + delayMs));
    const dead = new Promise((resolve) => runner.once("exit", resolve));
    runner.kill("SIGKILL");
    await dead;
    const lock = fence ? await takenOver(base) : undefined;
    assert.deepEqual(await undoAll(journal, () => remote, "t2", { base }), []);
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
