import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { until } from "../../lib/poll.js";
import { buildJobPlan } from "../support/build.js";
import { type Receiver, receiver, SECRET } from "../support/receiver.js";

const ROOT = resolve(import.meta.dirname, "../..");
const CLI = join(ROOT, "dist/harness/cli.js");
const SMOKE = join(ROOT, "scenarios/smoke.yaml");
const TOKEN = SECRET.split("/").at(-1) ?? "";

describe("a webhook that is told of a job", function () {
  this.timeout(60_000);
  let folder: string;
  let hook: Receiver;
  /** Take connections of ssh and never say a word. */
  let mute: Server;
  let other: Server;
  const open = new Set<ChildProcess>();

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-notify-"));
    mute = createServer();
    mute.listen(0, "127.0.0.1");
    await once(mute, "listening");
    other = createServer().listen((mute.address() as AddressInfo).port, "127.0.0.2");
    await once(other, "listening");
  });
  afterEach(async () => {
    for (const child of open) child.kill("SIGKILL");
    mute.close();
    other.close();
    await hook.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Two hosts at a port of loopback, where nobody can be logged in to. */
  function inventory(port: number): string {
    const host = (number: number): string =>
      `  - { name: h${number}, address: 127.0.0.${number}, port: ${port}, passwordEnv: HOME, hostKey: "SHA256:${"A".repeat(43)}", peerUri: "qemu+tcp://h${number}/system" }\n`;
    const file = join(folder, "inventory.yaml");
    writeFileSync(file, `hosts:\n${host(1)}${host(2)}images: {}\nnetwork: { bridge: br0 }\n`);
    return file;
  }

  function start(args: readonly string[], webhook?: string) {
    const { MIGSTORM_NOTIFY: _, ...env } = process.env;
    const given = webhook === undefined ? {} : { MIGSTORM_NOTIFY: webhook };
    const child = spawn(process.execPath, [CLI, ...args], {
      ...{ cwd: folder, env: { ...env, ...given } },
      stdio: ["ignore", "pipe", "pipe"],
    });
    open.add(child);
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
    // Also when nobody reads any more: a watcher that held them open would keep these from closing.
    const ended = once(child, "close").then(([code]) => ({ code: code as number | null, printed }));
    return { child, ended };
  }
  /** Waits until it is on its way to the hosts, where it stays. */
  const underWay = async ({ ended }: ReturnType<typeof start>): Promise<void> => {
    const early = ended.then(({ printed }) => assert.fail(printed));
    await Promise.race([once(mute, "connection"), early]);
    early.catch(() => undefined);
  };
  const away = (): string[] => ["run", SMOKE, "--inventory", inventory(1), "--results-dir", folder];

  const jobFolder = (): string => join(folder, readdirSync(folder).find((name) => name.startsWith("job-")) ?? "");
  const noneLeft = (): Promise<unknown> =>
    until(async () => watchersOf(folder).length === 0, { everyMs: 20, timeoutMs: 10_000, what: "the watcher to end" });

  it("hears of the end of one that could not begin, once, and of no failed case", async () => {
    hook = await receiver();
    const { code, printed } = await start(away(), hook.url).ended;
    assert.equal(code, 2, printed);
    assert.doesNotMatch(printed, /NOTIFY/);
    await noneLeft();
    const [end, ...more] = hook.messages();
    assert.deepEqual([more.length, end?.event, end?.exitCode, end?.interrupted], [0, "end", 2, false]);
    assert.match(String(end?.problem), /^h1.*127\.0\.0\.1/);
    assert.match(String(end?.text), /could not do its work \(exit code 2, /);
    assert.match(readFileSync(join(jobFolder(), "notified.ndjson"), "utf8"), /^\{"at":"[^"]+","event":"end"\}\n$/);
  });

  it("hears once of a soak and of none of its passes", async () => {
    hook = await receiver();
    const args = ["soak", SMOKE, "--inventory", inventory(1), "--results-dir", folder, "--passes", "3"];
    const { code } = await start(args, hook.url).ended;
    assert.equal(code, 2);
    const [end, ...more] = hook.messages();
    assert.deepEqual([more.length, end?.event, end?.exitCode], [0, "end", 2]);
    assert.match(JSON.stringify(end?.job), /"kind":"soak"/);
    assert.match(String(end?.problem), /^pass 1 /);
    await noneLeft();
  });

  it("hears that a job could not be resumed, because its hosts could not be put back", async () => {
    hook = await receiver();
    await start(away()).ended;
    assert.equal(hook.received.length, 0);
    writeFileSync(join(jobFolder(), "plan.json"), JSON.stringify(buildJobPlan()));
    const { code, printed } = await start(["resume", jobFolder()], hook.url).ended;
    assert.equal(code, 2, printed);
    const [end, ...more] = hook.messages();
    assert.deepEqual([more.length, end?.event, end?.planned, end?.exitCode], [0, "end", 1, 2]);
    assert.match(String(end?.problem), /^the hosts could not be put back/);
    await noneLeft();
  });

  for (const [what, argument] of [
    ["on the command line", (url: string) => ["--notify", url]],
    ["on the command line, with =", (url: string) => [`--notify=${url}`]],
    ["in the environment", () => []],
  ] as const)
    it(`that is given ${what} is in no file and no output, also when it fails`, async () => {
      hook = await receiver((response) => response.writeHead(403).end(`no ${SECRET}`));
      const args = argument(hook.url);
      const { code, printed } = await start([...away(), ...args], args.length === 0 ? hook.url : undefined).ended;
      assert.equal(code, 2);
      assert.match(printed, /^NOTIFY {5}: the webhook was not told \(end\): it answered HTTP 403: no \*\*\*$/m);
      assert.match(readFileSync(join(jobFolder(), "job.log"), "utf8"), /warn notify: .* HTTP 403/);
      assert.deepEqual([holding(folder, TOKEN), printed.includes(TOKEN)], [[], false]);
      await noneLeft();
    });

  it("that hangs changes no exit code, and holds the program up for some seconds only", async () => {
    hook = await receiver(() => undefined);
    const startMs = performance.now();
    const { code, printed } = await start(away(), hook.url).ended;
    assert.equal(code, 2);
    assert.match(printed, /^NOTIFY {5}: the webhook was not told \(end\): it did not answer in time/m);
    assert.ok(performance.now() - startMs < 30_000);
    await noneLeft();
  });

  it("hears of a runner that was killed, and the process that tells it ends", async () => {
    hook = await receiver();
    const { port } = mute.address() as AddressInfo;
    const job = start(["run", SMOKE, "--inventory", inventory(port), "--results-dir", folder], hook.url);
    const { child, ended } = job;
    await underWay(job);
    assert.equal(watchersOf(folder).length, 1);
    const cmdline = readFileSync(`/proc/${child.pid}/cmdline`, "utf8");
    assert.ok(!cmdline.includes(TOKEN));
    child.kill("SIGKILL");
    await ended;
    const [message] = await hook.arrived(1);
    assert.deepEqual([message?.event, message?.underWay], ["killed", undefined]);
    assert.equal(message?.recover, `migstorm recover ${jobFolder()}`);
    await noneLeft();
    assert.match(readFileSync(join(jobFolder(), "notified.ndjson"), "utf8"), /"event":"killed"\}\n$/);
    assert.equal(hook.received.length, 1);
  });

  it("hears of a runner that left at the second Ctrl-C, since nobody put its hosts back", async () => {
    hook = await receiver();
    const { port } = mute.address() as AddressInfo;
    const job = start(["run", SMOKE, "--inventory", inventory(port), "--results-dir", folder], hook.url);
    await underWay(job);
    job.child.kill("SIGINT");
    // Both at once are one Ctrl-C, told twice; the runner counts them as two a second later.
    const again = setInterval(() => job.child.kill("SIGINT"), 1_100);
    const { code } = await job.ended;
    clearInterval(again);
    assert.equal(code, 8);
    assert.equal((await hook.arrived(1))[0]?.event, "killed");
    await noneLeft();
  });

  it("is not shown in the process list while the program runs", async () => {
    hook = await receiver();
    const { port } = mute.address() as AddressInfo;
    const args = ["run", SMOKE, "--inventory", inventory(port), "--results-dir", folder, "--notify", hook.url];
    const job = start(args);
    const { child, ended } = job;
    await underWay(job);
    const cmdline = readFileSync(`/proc/${child.pid}/cmdline`, "utf8");
    assert.match(cmdline, /^migstorm run .* --notify \*\*\*/);
    child.kill("SIGKILL");
    await ended;
    await hook.arrived(1);
    await noneLeft();
  });

  it("can be tried", async () => {
    hook = await receiver();
    const { code, printed } = await start(["notify", "--test", "--notify", "HOOK"], hook.url).ended;
    assert.deepEqual([code, hook.received.length], [4, 0]);
    assert.match(printed, /^the environment variable HOOK, which --notify names, is empty$/m);
    const tried = await start(["notify", "--test"], hook.url).ended;
    assert.equal(tried.code, 0, tried.printed);
    assert.equal(hook.messages()[0]?.event, "test");
    assert.match(tried.printed, /^SENT {7}: test\n/);
  });

  it("that is no address is refused before anything is done, without being quoted", async () => {
    hook = await receiver();
    for (const verb of [
      ["run", SMOKE, "--lab"],
      ["notify", "--test"],
      ["resume", folder],
      ["flake", "x", SMOKE, "--lab"],
    ]) {
      const { code, printed } = await start([...verb, "--notify", "htps://s3cr3t"]).ended;
      assert.equal(code, 4, verb.join(" "));
      assert.doesNotMatch(printed, /s3cr3t/, verb.join(" "));
    }
  });
});

/** Processes of watchers that were started in a folder. */
function watchersOf(folder: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const isWatcher = /notify\/watcher\.js/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      return isWatcher && statSync(`/proc/${pid}/cwd`).ino === statSync(folder).ino && !isZombie(pid);
    } catch {
      // No process, or gone by now.
      return false;
    }
  });
}

const isZombie = (pid: string): boolean => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

/** Files below a folder that hold a text, however deep. */
const holding = (folder: string, text: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => statSync(join(folder, name)).isFile() && readFileSync(join(folder, name), "utf8").includes(text),
  );
