import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { wasNotified } from "../../../../lib/notify/record.js";
import { until } from "../../../../lib/poll.js";
import { type Receiver, receiver, SECRET } from "../../../support/receiver.js";

const WATCH = pathToFileURL(join(import.meta.dirname, "../../../../lib/notify/watch.ts")).href;
const KEPT = /^(?:TMPDIR|NODE_\w+|SSL_\w+|OPENSSL_CONF|(?:https?|no|all)_proxy)=/i;
const PATIENCE = { everyMs: 10, timeoutMs: 15_000 };

/** A program that has a watcher, given by words, and then waits for its end. `-e` is what once made a watcher start itself. */
const RUNNER = `
const { startWatch } = await import(process.argv[1]);
const watch = startWatch(JSON.parse(process.argv[2]), (problem) => console.log("PROBLEM " + problem));
watch.hold({ event: "killed", text: "first" });
watch.hold({ event: "killed", text: "last" });
console.log("HELD");
process.stdin.on("data", async () => { await watch.release(); process.stdin.pause(); });
`;

describe("the process that watches over a runner", () => {
  let hook: Receiver;
  let folder: string;
  let runner: ChildProcess;
  let printed: string;
  let watcher: number | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "migstorm-watch-"));
  });
  afterEach(async () => {
    runner.kill("SIGKILL");
    if (watcher !== undefined && (await lives(watcher))) process.kill(watcher, "SIGKILL");
    await hook.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(...how: Parameters<typeof receiver>): Promise<number> {
    hook = await receiver(...how);
    const order = {
      url: hook.url,
      record: join(folder, "notified.ndjson"),
      patience: { totalMs: 1_500, tryMs: 500, pauseMs: 10 },
    };
    const args = ["--import=tsx", "--input-type=module", "-e", RUNNER, WATCH, JSON.stringify(order)];
    runner = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    printed = "";
    runner.stdout?.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    await until(async () => printed.includes("HELD"), { ...PATIENCE, what: "the runner to begin" });
    const [pid, ...more] = await childrenOf(runner.pid ?? 0);
    assert.ok(pid !== undefined && more.length === 0, `one watcher, not ${more.length + 1}`);
    watcher = pid;
    return pid;
  }
  const gone = (pid: number): Promise<unknown> =>
    until(async () => !(await lives(pid)), { ...PATIENCE, what: "the watcher to end" });

  it("posts the latest message with the time of then when the runner was killed, notes it, and ends", async () => {
    const pid = await run();
    const before = new Date().toISOString();
    runner.kill("SIGKILL");
    const [message] = await hook.arrived(1);
    assert.deepEqual([message?.text, message?.event], ["last", "killed"]);
    assert.ok(String(message?.at) >= before);
    await gone(pid);
    assert.equal(hook.received.length, 1);
    assert.ok(await wasNotified(folder, "killed"));
  });

  it("posts nothing and ends when the runner says that all is told", async () => {
    const pid = await run();
    runner.stdin?.write("end\n");
    assert.deepEqual(await once(runner, "close"), [0, null]);
    await gone(pid);
    assert.deepEqual([hook.received.length, printed], [0, "HELD\n"]);
  });

  it("keeps the runner from nothing, even when it does not get to run", async () => {
    const pid = await run();
    process.kill(pid, "SIGSTOP");
    runner.stdin?.write("end\n");
    assert.deepEqual(await once(runner, "close"), [0, null]);
    process.kill(pid, "SIGCONT");
    await gone(pid);
    assert.equal(hook.received.length, 0);
  });

  it("passes over what ends a whole service, since the runner takes its time", async () => {
    const pid = await run();
    // SIGHUP comes last, and Node itself has no handler for it.
    await until(() => catches(pid, 1), { ...PATIENCE, what: "the watcher to be up" });
    for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) process.kill(pid, signal);
    runner.kill("SIGKILL");
    await hook.arrived(1);
    await gone(pid);
  });

  it("ends when the receiver hangs, and notes that", async () => {
    const pid = await run(() => undefined);
    runner.kill("SIGKILL");
    await gone(pid);
    assert.match(await readFile(join(folder, "notified.ndjson"), "utf8"), /"problem":"it did not answer in time/);
    assert.equal(await wasNotified(folder, "killed"), false);
  });

  it("is told of when it ends first", async () => {
    const pid = await run();
    process.kill(pid, "SIGKILL");
    await until(async () => printed.includes("PROBLEM it ended with SIGKILL"), { ...PATIENCE, what: "the complaint" });
    runner.stdin?.write("end\n");
    assert.deepEqual(await once(runner, "close"), [0, null]);
  });

  it("shows the address in neither its arguments nor its environment, and holds no output of the runner", async () => {
    const pid = await run();
    const [argv, env] = await Promise.all(
      ["cmdline", "environ"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8")),
    );
    assert.match(argv ?? "", /notify\/watcher\.ts/);
    assert.ok(!`${argv}${env}`.includes(SECRET.slice(-10)));
    for (const line of (env ?? "").split("\0").filter(Boolean)) assert.match(line, KEPT);
    for (const fd of [1, 2]) assert.equal(await readlink(`/proc/${pid}/fd/${fd}`), "/dev/null");
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    assert.equal(Number(stat.replace(/^.*\) /, "").split(" ")[3]), pid, "leads a session of its own");
  });
});

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  const children = text.split(" ").filter(Boolean).map(Number);
  const isWatcher = await Promise.all(
    children.map(async (child) => (await readFile(`/proc/${child}/cmdline`, "utf8")).includes("watcher")),
  );
  return children.filter((_, index) => isWatcher[index]);
}

/** Whether a process has a handler for a signal. */
async function catches(pid: number, signal: number): Promise<boolean> {
  const [, mask = "0"] = /^SigCgt:\s*(\w+)$/m.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

/** A zombie has ended: who reaps it in a container is nobody's business here. */
const lives = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, "utf8").then(
    (stat) => !/\) Z /.test(stat),
    () => false,
  );
