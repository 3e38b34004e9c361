import assert from "node:assert/strict";
import { startProbe } from "../../../../harness/engine/probe.js";
import { watchEvents } from "../../../../lib/libvirt/events.js";
import { openVirshShell } from "../../../../lib/libvirt/virsh-shell.js";
import { until } from "../../../../lib/poll.js";
import { ask } from "../../../../lib/transport/ask.js";
import type { Opening } from "../../../../lib/transport/opening.js";
import { openSsh, type SshLogin } from "../../../../lib/transport/ssh.js";
import { stop as stopProgram } from "../../../../lib/transport/ssh-start.js";
import type { Remote } from "../../../../lib/transport/transport.js";
import { type OwnServer, PASSWORD, startOwnServer } from "./own-server.js";

const sh = (script: string, ...args: string[]) => ({
  file: "sh",
  args: ["-c", script, "sh", ...args],
  timeoutMs: 5_000,
});
const secret = (): string => PASSWORD;

describe("ssh", () => {
  let server: OwnServer;
  let remote: Remote;
  const login = (more: Partial<SshLogin> = {}): SshLogin => ({
    name: "h1",
    address: "127.0.0.1",
    port: server.port,
    user: "root",
    passwordEnv: "H1_PASSWORD",
    hostKey: "first-use",
    become: "none",
    ...more,
  });
  beforeEach(async () => {
    server = await startOwnServer({ maxSessions: 5 });
    remote = await openSsh(login(), { secret });
  });
  afterEach(async () => {
    await remote.close();
    server.stop();
  });

  /** The first command of the test has reached the server. */
  const commandCame = () =>
    until(async () => server.commands() > 0, { everyMs: 5, timeoutMs: 10_000, what: "a command to come" });

  it("asks again for a command that the server refused to run, and gives up in the end", async () => {
    for (const [refusals, isRun] of [
      [2, true],
      [100, false],
    ] as const) {
      const moody = await startOwnServer({ refusals });
      const other = await openSsh({ ...login(), port: moody.port }, { secret });
      const ran = other.run(sh("echo ran"));
      if (isRun) assert.equal((await ran).stdout, "ran\n");
      else await assert.rejects(ran, /Unable to exec/);
      await other.close();
      moody.stop();
    }
  });

  for (const [what, breaks] of [
    ["runs a command over another connection when one breaks before the command was sent", "session"],
    ["does not run a command twice when the connection breaks behind it", "command"],
  ] as const)
    it(what, async () => {
      const frail = await startOwnServer({ breaks });
      const other = await openSsh({ ...login(), port: frail.port }, { secret });
      const ran = other.run(sh("echo ran"));
      try {
        if (breaks === "session") assert.equal((await ran).stdout, "ran\n");
        else await assert.rejects(ran, { code: "unreachable" });
        assert.equal(frail.commands(), 1);
      } finally {
        await other.close();
        frail.stop();
      }
    });

  it("brings back exit code and both outputs, and hands over the input", async () => {
    const result = await remote.run({ ...sh("cat; echo bad >&2; exit 3"), input: "grüße\n" });
    const { exitCode, stdout, stderr } = result;
    assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 3, stdout: "grüße\n", stderr: "bad\n" });
  });
  it("speaks English there", async () => assert.equal((await remote.run(sh('echo "$LC_ALL"'))).stdout, "C\n"));
  it("hands arguments over as they are", async () => {
    const args = ["a b", "it's", "$HOME", "`id`", "line\nbreak", "", "*", "ü"];
    const { stdout } = await remote.run(sh('printf "%s\\0" "$@"', ...args));
    assert.deepEqual(stdout.split("\0").slice(0, -1), args);
  });
  it("ends a command at its limit, on the machine too", async () => {
    const startMs = performance.now();
    await assert.rejects(remote.run({ file: "sleep", args: ["30"], timeoutMs: 200 }), { code: "deadline" });
    assert.ok(performance.now() - startMs < 10_000);
  });
  it("ends waiting at the limit where the machine has no timeout of its own", async () => {
    const guest = await openSsh(login(), { secret, remoteTimeout: false });
    await assert.rejects(guest.run({ file: "sleep", args: ["1"], timeoutMs: 100 }), { code: "deadline" });
    await guest.close();
  });
  it("stops at once when told to, with the reason given", async () => {
    const stop = new AbortController();
    const running = remote.run({ file: "sleep", args: ["5"], timeoutMs: 9_000 }, stop.signal);
    setTimeout(() => stop.abort(new Error("Ctrl-C")), 50);
    const startMs = performance.now();
    await assert.rejects(running, /Ctrl-C/);
    assert.ok(performance.now() - startMs < 4_000);
    await assert.rejects(remote.run(sh("true"), stop.signal), /Ctrl-C/);
  });
  it("cuts what a command prints without end", async () => {
    const { stdout } = await remote.run(sh("head -c 20000000 /dev/zero | tr '\\0' x"));
    assert.ok(stdout.length < 17 * 2 ** 20);
    assert.match(stdout.slice(-40), /cut after 16777216 bytes/);
  });
  it("opens more connections when the server has no more sessions to give", async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => remote.run(sh('sleep 0.2; echo "$1"', `${i}`))),
    );
    assert.deepEqual(
      results.map(({ stdout }) => stdout.trim()),
      Array.from({ length: 20 }, (_, i) => `${i}`),
    );
    assert.ok(server.mostSessions() <= 5);
    const logins = server.logins();
    assert.ok(logins >= 2, `${logins} connections`);
    await Promise.all(Array.from({ length: 10 }, () => remote.run(sh("true"))));
    assert.equal(server.logins(), logins);
  });
  it("says that the answer was lost, never sends again, and connects anew for the next command", async () => {
    const drops: string[] = [];
    remote.onDrop((reason) => drops.push(reason));
    const lost = remote.run(sh("sleep 1"));
    void commandCame().then(() => server.drop());
    await assert.rejects(lost, { code: "unreachable" });
    assert.equal(drops.length, 1);
    assert.equal((await remote.run(sh("echo back"))).stdout, "back\n");
    assert.equal(server.logins(), 2);
  });
  it("asks a question again when the answer was lost", async () => {
    void commandCame().then(() => server.drop());
    const { stdout } = await ask(remote.run, sh("sleep 0.2; echo here"));
    assert.equal(stdout, "here\n");
  });
  it("does not ask longer than the question may take", async () => {
    server.stop();
    const startMs = performance.now();
    await assert.rejects(ask(remote.run, { ...sh("true"), timeoutMs: 300 }));
    assert.ok(performance.now() - startMs < 4_000);
  });
  it("tells a lasting program that broke off from one that ended", async () => {
    const running = await remote.start({ file: "sh", args: ["-c", "echo one; sleep 1"] }, () => server.drop());
    assert.deepEqual(await running.ended, { stderr: "" });
  });
  it("waits neither without end nor past a stop for a machine that lets us in and says nothing", async () => {
    const mute = await startOwnServer({ silent: true });
    const other = await openSsh({ ...login(), port: mute.port }, { secret });
    const start = (opening: Opening) => other.start({ file: "virsh", args: [] }, () => undefined, opening);
    await assert.rejects(start({ openingMs: 100 }), {
      code: "unreachable",
      message: "h1: waited 0.1 s for virsh to start",
    });
    await assert.rejects(
      watchEvents(other, "test:///default", () => undefined, { openingMs: 100 }),
      /virsh event/,
    );
    await assert.rejects(openVirshShell(other, "test:///default", { openingMs: 100 }), /the lasting virsh to start/);
    await assert.rejects(startProbe(other, "fping", "192.0.2.1", { openingMs: 100 }), /ping 192\.0\.2\.1 to start/);
    const stop = new AbortController();
    const begun = start({ signal: stop.signal });
    stop.abort(new Error("Ctrl-C"));
    await assert.rejects(begun, /Ctrl-C/);
    await assert.rejects(start({ signal: stop.signal }), /Ctrl-C/);
    await other.close();
    mute.stop();
  });
  it("does not wait without end for the goodbye of a program that hangs", async () => {
    const told: string[] = [];
    const channel = {
      signal: (name: string) => void told.push(name),
      close: () => void told.push("close"),
      end: () => void told.push("end"),
    };
    await stopProgram(channel as never, new Promise(() => undefined), true, 10);
    assert.deepEqual(told, ["end", "INT", "KILL", "close"]);
  });
  it("says who it is that refuses", async () => {
    await assert.rejects(openSsh(login(), { secret: () => "wrong" }), /h1: .* does not let root in/);
    await assert.rejects(openSsh(login(), { secret: () => undefined }), { code: "bad-input", message: /H1_PASSWORD/ });
    await assert.rejects(openSsh(login({ passwordEnv: undefined }), { secret }), { code: "bad-input" });
    const { port } = server;
    server.stop();
    await assert.rejects(openSsh(login({ port }), { secret }), { code: "unreachable", message: /nothing listens/ });
    await assert.rejects(openSsh(login({ address: "no.such.host.invalid" }), { secret }), /no such host name/);
  });
  it("holds a machine to the key that it showed first", async () => {
    let first = "";
    const guest = await openSsh(login(), { secret, onFirstKey: (fingerprint) => (first = fingerprint) });
    await guest.close();
    assert.match(first, /^SHA256:/);
    const again = await openSsh(login({ hostKey: first }), { secret });
    await again.close();
    const wrong = `SHA256:${"A".repeat(43)}`;
    await assert.rejects(openSsh(login({ hostKey: wrong }), { secret }), (error: Error) => {
      assert.ok(error.message.includes(first) && error.message.includes(wrong), error.message);
      return true;
    });
  });
});
