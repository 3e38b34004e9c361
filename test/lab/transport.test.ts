import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runGuarded } from "../../lib/lock/guarded.js";
import { acquireLock, breakLock, readLock } from "../../lib/lock/host-lock.js";
import { until } from "../../lib/poll.js";
import { spawnDetached } from "../../lib/transport/detached.js";
import { openSsh } from "../../lib/transport/ssh.js";
import type { Remote } from "../../lib/transport/transport.js";
import { needsSshd } from "../support/needs.js";
import { type RealSshd, startSshd } from "../unit/lib/transport/real-sshd.js";
import { gone, remoteSuite, sh } from "../unit/lib/transport/remote-suite.js";

describe("a machine behind OpenSSH", () => {
  let sshd: RealSshd;
  before(async () => {
    needsSshd();
    sshd = await startSshd();
  });
  after(() => sshd?.stop());

  remoteSuite(() => openSsh(sshd.login, sshd.edges), "absent");

  /** Behind `timeout` is the server's process: ends that of the connection that the command runs on, as a reset of the connection would. */
  const cut = async (remote: Remote): Promise<void> => {
    await remote.run(sh('read -r _ _ _ server _ </proc/$PPID/stat; kill -s KILL "$server"')).catch(() => undefined);
  };
  const withRemote = async (use: (remote: Remote) => Promise<void>): Promise<void> => {
    const remote = await openSsh(sshd.login, sshd.edges);
    try {
      await use(remote);
    } finally {
      await remote.close();
    }
  };

  it("carries more at once than sshd allows on one connection", () =>
    withRemote(async (remote) => {
      const startMs = performance.now();
      const results = await Promise.all(Array.from({ length: 25 }, () => remote.run(sh("sleep 0.3; echo done"))));
      assert.ok(results.every(({ stdout }) => stdout === "done\n"));
      assert.ok(performance.now() - startMs < 6_000);
    }));
  it("ends a lasting program when the connection dies", () =>
    withRemote(async (remote) => {
      let pid = 0;
      const running = await remote.start({ file: "sh", args: ["-c", "echo $$; exec sleep 30"] }, (line) => {
        pid = Number(line);
      });
      await until(async () => pid > 0, { everyMs: 5, timeoutMs: 2_000, what: "its number" });
      await cut(remote);
      assert.equal((await running.ended).exitCode, undefined);
      await gone(pid);
    }));
  it("stops a program that does not listen, a little later", () =>
    withRemote(async (remote) => {
      let pid = 0;
      const script = "trap '' INT; echo $$; while :; do sleep 0.05; done";
      const running = await remote.start({ file: "sh", args: ["-c", script] }, (line) => {
        pid = Number(line);
      });
      await until(async () => pid > 0, { everyMs: 5, timeoutMs: 2_000, what: "its number" });
      await running.stop();
      await gone(pid);
      assert.equal((await running.ended).exitCode, undefined);
    }));
  it("brings home what a detached program did while the connection was down, and starts nothing twice", () =>
    withRemote(async (remote) => {
      const folder = mkdtempSync(join(tmpdir(), "migstorm-drop-"));
      const argv = ["sh", "-c", `echo x >>${folder}/runs; sleep 0.4; echo end; exit 7`];
      const program = await spawnDetached(remote, { dir: join(folder, "d"), argv });
      const end = program.go();
      await until(async () => existsSync(`${folder}/runs`), { everyMs: 5, timeoutMs: 2_000, what: "the start" });
      await cut(remote);
      assert.deepEqual(await end, { kind: "ended", exitCode: 7, stdout: "end\n", stderr: "" });
      assert.equal(readFileSync(`${folder}/runs`, "utf8"), "x\n");
      rmSync(folder, { recursive: true });
    }));
  it("does not start what was at the barrier when the connection died", () =>
    withRemote(async (remote) => {
      const folder = mkdtempSync(join(tmpdir(), "migstorm-drop-"));
      const program = await spawnDetached(remote, { dir: join(folder, "d"), argv: ["touch", `${folder}/ran`] });
      await cut(remote);
      assert.equal((await program.go()).kind, "absent");
      assert.equal(existsSync(`${folder}/ran`), false);
      rmSync(folder, { recursive: true });
    }));
  it("knows the machine by its known_hosts line", async () => {
    const knownHosts = join(sshd.folder, "known_hosts");
    const [type, key] = sshd.hostKeyLine.split(" ");
    writeFileSync(knownHosts, `[127.0.0.1]:${sshd.login.port} ${type} ${key}\n`);
    const { hostKey: _pinned, ...login } = sshd.login;
    const remote = await openSsh({ ...login, knownHosts }, sshd.edges);
    await remote.close();
  });
  it("reaches a machine through another", () =>
    withRemote(async (via) => {
      const behind = await openSsh({ ...sshd.login, name: "g1", via }, sshd.edges);
      assert.equal((await behind.run(sh("echo hello"))).stdout, "hello\n");
      await behind.close();
      await assert.rejects(via.forward("127.0.0.1", 1), { code: "unreachable" });
    }));
  it("keeps a host's lock when the connection breaks, and notices when it was taken away meanwhile", () =>
    withRemote(async (remote) => {
      const base = join(mkdtempSync(join(tmpdir(), "migstorm-lock-")), "run");
      const record = { jobId: "j", who: "w", controller: "c", pid: 1, since: "", reason: "", resultsDir: "" };
      const lock = await acquireLock(remote, "t1", record, { base });
      await cut(remote);
      const lives = async () => (await readLock(remote, { base }))?.lives;
      await until(lives, { everyMs: 20, timeoutMs: 5_000, what: "the sign of life" });
      await runGuarded(remote, { token: "t1", base }, sh("true"));
      await breakLock(remote, "t1", { base });
      await cut(remote);
      assert.match(await lock.lost, /no longer ours/);
      rmSync(dirname(base), { recursive: true });
    }));
});
