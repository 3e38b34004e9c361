import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../../lib/poll.js";
import { attach, hasBegun, killDetached, spawnDetached } from "../../../../lib/transport/detached.js";
import type { Remote } from "../../../../lib/transport/transport.js";

export const sh = (script: string, ...args: string[]) => ({
  file: "sh",
  args: ["-c", script, "sh", ...args],
  timeoutMs: 10_000,
});
const alive = (pid: number): boolean => existsSync(`/proc/${pid}`);
export const gone = (pid: number): Promise<boolean> =>
  until(async () => !alive(pid), { everyMs: 20, timeoutMs: 5_000, what: `process ${pid} to end` });

/**
 * The same promises, whether the machine is this one or behind a real sshd.
 * @param cancelled what is left of a cancelled program: over ssh its folder goes, here its wrapper is ended in it
 */
export const remoteSuite = (open: () => Promise<Remote>, cancelled: "absent" | "lost"): void => {
  let remote: Remote;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-transport-"));
    remote = await open();
  });
  after(async () => {
    await remote?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  /** Starts it, and resolves once the program said its process number. */
  const startWithPid = async (setUp: string, script: string, onLine: (line: string) => void = () => undefined) => {
    let told: (pid: number) => void = () => undefined;
    const pid = new Promise<number>((resolve) => {
      told = resolve;
    });
    const running = await remote.start({ file: "sh", args: ["-c", `${setUp}; echo $$; ${script}`] }, (line) => {
      told(Number(line));
      onLine(line);
    });
    return { running, pid: await pid };
  };

  it("runs a command", async () => {
    const { exitCode, stdout, stderr } = await remote.run({ ...sh("cat; echo bad >&2; exit 3"), input: "in" });
    assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 3, stdout: "in", stderr: "bad\n" });
  });
  it("ends a command at its limit, itself and for sure", async () => {
    const pidFile = join(folder, "pid");
    const running = remote.run({ ...sh('echo $$ >"$1"; exec sleep 30', pidFile), timeoutMs: 150 });
    await assert.rejects(running, { code: "deadline" });
    assert.equal(alive(Number(readFileSync(pidFile, "utf8"))), false);
  });
  it("tells a signal from an answer that was lost", async () =>
    assert.equal((await remote.run(sh("kill -KILL $$"))).exitCode, 137));
  it("survives a program that does not read its input", async () =>
    assert.equal((await remote.run({ ...sh("true"), input: "x".repeat(1_000_000) })).exitCode, 0));
  it("reports a program that does not exist as a result", async () =>
    assert.equal((await remote.run({ file: "no-such-program", args: [], timeoutMs: 5_000 })).exitCode, 127));

  it("hears a lasting program line by line and stops it with SIGINT", async () => {
    const lines: string[] = [];
    const { running, pid } = await startWithPid("trap 'echo bye; exit 5' INT", "while :; do sleep 0.05; done", (line) =>
      lines.push(line),
    );
    await running.stop();
    assert.deepEqual(await running.ended, { exitCode: 5, stderr: "" });
    assert.deepEqual(lines, [String(pid), "bye"]);
    await running.stop();
  });
  it("hears that a lasting program ended by itself", async () => {
    const running = await remote.start({ file: "sh", args: ["-c", "echo oops >&2; exit 4"] }, () => undefined);
    assert.deepEqual(await running.ended, { exitCode: 4, stderr: "oops\n" });
  });
  it("writes to a program that reads", async () => {
    const lines: string[] = [];
    const running = await remote.start({ file: "cat", args: [] }, (line) => lines.push(line), { stdin: "program" });
    running.write("a\nb\n");
    await until(async () => lines.length === 2, { everyMs: 5, timeoutMs: 2_000, what: "the echo" });
    await running.stop();
    assert.deepEqual(lines, ["a", "b"]);
  });

  it("hands over the bytes of a lasting program as they are, and what it says beside them", async () => {
    const [chunks, said]: [Buffer[], string[]] = [[], []];
    const running = await remote.startBytes(
      { file: "sh", args: ["-c", "printf '\\000\\377\\r\\n\\303'; echo ready >&2; exit 6"] },
      (chunk) => void chunks.push(chunk),
      { onErrorLine: (line) => said.push(line) },
    );
    assert.deepEqual(await running.ended, { exitCode: 6, stderr: "ready\n" });
    assert.deepEqual(Buffer.concat(chunks), Buffer.from([0, 255, 13, 10, 0xc3]));
    assert.deepEqual(said, ["ready"]);
  });
  it("holds up a program whose bytes are not taken, and loses none of them", async () => {
    const mark = join(folder, "all-written");
    const bytes = 12 * 2 ** 20;
    let [taken, release]: [number, () => void] = [0, () => undefined];
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const running = await remote.startBytes(
      { file: "sh", args: ["-c", `head -c ${bytes} /dev/zero; : >"$1"`, "sh", mark] },
      async (chunk) => {
        taken += chunk.length;
        await held;
      },
    );
    await until(async () => taken > 0, { everyMs: 5, timeoutMs: 2_000, what: "the first bytes" });
    await remote.run(sh("sleep 0.3"));
    assert.ok(taken < 2 ** 20, `${taken} bytes were handed over`);
    assert.equal(existsSync(mark), false);
    release();
    assert.equal((await running.ended).exitCode, 0);
    assert.equal(taken, bytes);
  });
  it("ends a program of bytes with SIGINT, and takes what it says last", async () => {
    let text = "";
    const running = await remote.startBytes(
      { file: "sh", args: ["-c", "trap 'printf bye; exit 5' INT; printf hi; while :; do sleep 0.05; done"] },
      async (chunk) => {
        text += chunk.toString();
      },
    );
    await until(async () => text === "hi", { everyMs: 5, timeoutMs: 2_000, what: "its first word" });
    await running.stop();
    assert.equal((await running.ended).exitCode, 5);
    assert.equal(text, "hibye");
  });

  it("holds a detached program at the barrier until it may go", async () => {
    const mark = join(folder, "mark");
    const program = await spawnDetached(remote, {
      dir: join(folder, "d1"),
      argv: ["sh", "-c", `echo out; echo err >&2; : >${mark}; exit 4`],
    });
    assert.equal(existsSync(mark), false);
    assert.equal((await remote.run(hasBegun(program.dir))).exitCode, 1);
    assert.deepEqual(await program.go(), { kind: "ended", exitCode: 4, stdout: "out\n", stderr: "err\n" });
    assert.ok(existsSync(mark));
    assert.equal((await remote.run(hasBegun(program.dir))).exitCode, 0);
    assert.deepEqual(await attach(remote, program.dir), {
      kind: "ended",
      exitCode: 4,
      stdout: "out\n",
      stderr: "err\n",
    });
  });
  it("never starts a detached program that was cancelled", async () => {
    const ran = join(folder, "d2-ran");
    const program = await spawnDetached(remote, { dir: join(folder, "d2"), argv: ["touch", ran] });
    await program.cancel();
    assert.equal((await program.go()).kind, "lost");
    assert.equal((await attach(remote, program.dir)).kind, cancelled);
    assert.equal(existsSync(ran), false);
  });
  it("keeps two programs out of one folder", async () => {
    const program = await spawnDetached(remote, { dir: join(folder, "d3"), argv: ["true"] });
    await assert.rejects(spawnDetached(remote, { dir: program.dir, argv: ["true"] }), { code: "command-failed" });
    await program.cancel();
  });
  it("does not start without the lock that it was told of", async () => {
    const base = join(folder, "no-lock");
    const program = await spawnDetached(remote, { dir: join(folder, "d4"), argv: ["true"], token: "t", base });
    assert.deepEqual(await program.go(), { kind: "refused" });
    assert.deepEqual(await attach(remote, program.dir), { kind: "refused" });
  });
  it("ends a detached program, once and for all", async () => {
    const program = await spawnDetached(remote, { dir: join(folder, "d5"), argv: ["sleep", "30"] });
    const end = program.go();
    const pidFile = join(program.dir, "pid");
    await until(async () => existsSync(pidFile) && readFileSync(pidFile).length > 0, {
      everyMs: 5,
      timeoutMs: 2_000,
      what: "it",
    });
    assert.equal((await remote.run(killDetached(program.dir))).exitCode, 0);
    const { kind, ...rest } = await end;
    assert.deepEqual({ kind, exitCode: (rest as { exitCode?: number }).exitCode }, { kind: "ended", exitCode: 143 });
    for (const dir of [program.dir, join(folder, "never")])
      assert.equal((await remote.run(killDetached(dir))).exitCode, 0);
  });
  it("does not end a stranger that got the number of a program", async () => {
    const program = await spawnDetached(remote, { dir: join(folder, "d6"), argv: ["sleep", "0.4"] });
    const end = program.go();
    const pidFile = join(program.dir, "pid");
    await until(async () => existsSync(pidFile) && readFileSync(pidFile).length > 0, {
      everyMs: 5,
      timeoutMs: 2_000,
      what: "it",
    });
    writeFileSync(pidFile, `${process.pid} S ${"0 ".repeat(30)}\n`);
    await remote.run(killDetached(program.dir));
    assert.equal((await end).kind, "ended");
  });
};
