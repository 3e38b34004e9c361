import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HarnessError } from "../../../../lib/errors.js";
import { changeHost, changeHosts, undoAll } from "../../../../lib/journal/change-host.js";
import { createJournal, outstanding } from "../../../../lib/journal/journal.js";
import { acquireLock, type HostLock } from "../../../../lib/lock/host-lock.js";
import type { HostChange } from "../../../../lib/model/command.js";
import type { CommandRecord } from "../../../../lib/model/result.js";
import { until } from "../../../../lib/poll.js";
import { openLocal } from "../../../../lib/transport/local-remote.js";
import type { Remote } from "../../../../lib/transport/transport.js";
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
  const machineOf = (name: string) => (name === "h1" ? { remote, base } : undefined);
  const ctx = () => ({ journal, remote, token: "t1", base });
  const undo = () => undoAll(journal, machineOf, "t1");

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
      undo: sh('echo "$1" >>"$2"', name, order),
    });
    /** Each waits for the others: it ends only when they run at the same time. */
    const meeting = (name: string) =>
      sh(
        ': >"$1"; until [ -e "$2/a" ] && [ -e "$2/b" ] && [ -e "$2/c" ]; do sleep 0.01; done; echo second >>"$2/order"',
        join(folder, name),
        folder,
      );
    await changeHost(ctx(), change("first"));
    await changeHosts(
      ctx(),
      ["a", "b", "c"].map((name) => ({ ...change("second"), undo: meeting(name) })),
    );
    await changeHost(ctx(), change("third"));
    assert.deepEqual(await undo(), []);
    assert.deepEqual((await remote.run(sh('cat "$1"', order))).stdout.trim().split("\n"), [
      "third",
      ...["second", "second", "second"],
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
  for (const hasBegun of [true, false])
    it(`never lets a change land whose answer was lost, ${hasBegun ? "though" : "before"} it had begun`, async () => {
      const path = join(folder, "late");
      const change = { ...fileChange(path), apply: sh(': >"$1-begun"; sleep 0.3; : >"$1"', path) };
      let late: Promise<unknown> = Promise.resolve();
      const run: Remote["run"] = async (command) => {
        const start = (): Promise<unknown> => remote.run(command);
        if (hasBegun) {
          late = start();
          await until(async () => existsSync(`${path}-begun`), { everyMs: 5, timeoutMs: 5_000, what: "its begin" });
        } else late = undone.then(start);
        throw new HarnessError("unreachable", "h1: connection lost");
      };
      let onUndone: () => void = () => undefined;
      const undone = new Promise<void>((resolve) => {
        onUndone = resolve;
      });
      await assert.rejects(changeHost({ ...ctx(), remote: { ...remote, run } }, change), { code: "unreachable" });
      assert.deepEqual(await undo(), []);
      onUndone();
      await late;
      assert.equal(existsSync(path), false);
    });
  it("goes through the lock of the machine that it is on, wherever that lies", async () => {
    const elsewhere = join(folder, "storage");
    const other = { remote: openLocal("s1"), base: elsewhere, isOwn: true };
    const second = await acquireLock(other.remote, "t1", record, other);
    const of = (name: string) => (name === "s1" ? other : machineOf(name));
    await changeHost(ctx(), fileChange(join(folder, "a")));
    await changeHost({ ...ctx(), ...other }, fileChange(join(folder, "b")));
    await second.release();
    const leftovers = await undoAll(journal, of, "t1");
    assert.equal(leftovers.length, 1);
    assert.match(leftovers[0] ?? "", /^s1: file .*no longer ours/);
    assert.deepEqual([existsSync(join(folder, "a")), existsSync(join(folder, "b"))], [false, true]);
    const again = await acquireLock(other.remote, "t1", record, other);
    assert.deepEqual(await undoAll(journal, of, "t1"), []);
    assert.equal(existsSync(join(folder, "b")), false);
    await again.release();
  });
  it("never throws when undoing, not even without a journal", async () =>
    assert.equal((await undoAll(join(folder, "nowhere"), machineOf, "t1")).length, 1));
});
