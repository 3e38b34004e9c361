import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../lib/poll.js";
import type { Remote } from "../../lib/transport/transport.js";
import {
  assertAsBefore,
  cli,
  finished,
  on,
  type RunningJob,
  readResult,
  scenario,
  startJob,
  type TestLab,
  testLab,
} from "../support/lab-job.js";
import { type Receiver, receiver } from "../support/receiver.js";

/** Further than this apart two Ctrl-C are two. */
const NO_ECHO_MS = 1_100;
const LOAD = [{ on: "guests", tool: "stress-ng", args: ["--cpu", "1", "--cpu-load", "5", "--timeout", "600"] }];

/** A word for each of: classes, load, capture, counters, a closed port. */
const EVERYTHING_ON = `tc qdisc show dev br0 | grep -o 'htb 1: root'
ps -e -o comm= | grep -oE '^(tcpdump|stress-ng)' | sort -u
iptables-save | grep -q -e '--dport 16514' && echo counted
iptables-save | grep -q -e '-j REJECT --reject-with tcp-reset' && echo closed
true`;

const JOB = 'virsh -c qemu:///system domjobinfo --rawstats --domain "$1"';

describe("a runner that ends in the middle of a case", function () {
  this.timeout(120_000);
  let lab: TestLab;
  let quick: string;
  let slow: string;
  let libvirtsOwn: string;
  let everything: string;
  let daemonless: string;

  async function shows(machine: Remote, script: string, wanted: RegExp): Promise<void> {
    let last = "";
    const isThere = async (): Promise<boolean> => {
      last = await on(machine, script);
      return wanted.test(last);
    };
    await until(isThere, { everyMs: 10, timeoutMs: 30_000, what: script }).catch(() => assert.match(last, wanted));
  }
  let failing: string;
  let hook: Receiver;

  before(async () => {
    lab = await testLab();
    everything = await scenario(lab, "everything", {
      migration: { bandwidthMiBps: 32 },
      probes: { path: true, cpu: true },
      classes: { on: "management", link: 400, competing: true },
      load: ["guests", "source", "target"].flatMap((on) => LOAD.map((load) => ({ ...load, on }))),
      faults: [
        { do: "block-rpc", on: "source", leg: 2 },
        { do: "block-data", on: "target", leg: 2, at: "half-way" },
      ],
    });
    daemonless = await scenario(lab, "daemonless", {
      migration: { bandwidthMiBps: 32 },
      faults: [{ do: "kill-libvirtd", on: "target", leg: 1, at: "half-way" }],
    });
    quick = await scenario(lab, "quick", { load: LOAD });
    slow = await scenario(lab, "slow", { migration: { bandwidthMiBps: 16 } });
    hook = await receiver();
    const tooStrict = { limits: { downtime: "1ms", warnDowntime: "1ms" } };
    failing = await scenario(
      lab,
      "failing",
      {},
      { of: { first: tooStrict, second: { migration: { bandwidthMiBps: 16 } } } },
    );
    libvirtsOwn = await scenario(lab, "p2p", { migration: { control: "p2p", bandwidthMiBps: 16 } });
  });
  after(async () => {
    await lab?.down();
    await hook?.close();
  });

  async function killed(path: string, moment: (job: RunningJob) => Promise<unknown>): Promise<RunningJob> {
    const job = await startJob(lab, path);
    await moment(job);
    assert.equal(job.child.kill("SIGKILL"), true);
    await job.ended;
    return job;
  }

  async function recovers({ folder }: RunningJob): Promise<void> {
    const { exitCode, stdout, stderr } = await cli("recover", folder);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /changes taken back, 0 left/);
    await assertAsBefore(lab);
  }

  async function resumes({ folder }: RunningJob): Promise<void> {
    const { exitCode, stdout, stderr } = await cli("resume", folder);
    assert.equal(exitCode, 0, stdout + stderr);
    const { cases } = await readResult(folder);
    assert.deepEqual(
      cases.map(({ status }) => status),
      ["PASS"],
    );
    await assertAsBefore(lab);
  }

  for (const step of ["inspect hosts", "prepare hosts", "start load", "evidence before", "evidence after", "restore"])
    it(`killed at "${step}", leaves hosts that recover puts back`, async () => {
      await recovers(await killed(quick, (job) => job.step(step)));
    });

  it('killed at "start guests", leaves hosts that recover puts back, and a job that resume finishes', async () => {
    const job = await killed(quick, (running) => running.step("start 1 guests"));
    await recovers(job);
    await resumes(job);
  });

  it("killed while a guest migrates, keeps others off its hosts until it is recovered or resumed", async () => {
    const job = await killed(slow, (running) => running.event("migration-started"));
    const other = await cli("run", "--inventory", lab.inventoryPath, "--results-dir", join(lab.folder, "other"), quick);
    assert.equal(other.exitCode, 2);
    assert.match(
      other.stderr,
      new RegExp(`in use by ${job.folder.split("/").at(-1)} .*\`migstorm recover ${job.folder}\``),
    );
    await resumes(job);
  });

  it("killed while a guest migrates, leaves hosts that recover puts back, twice without harm", async () => {
    const job = await killed(slow, (running) => running.event("migration-started"));
    await recovers(job);
    const again = await cli("recover", job.folder);
    assert.equal(again.exitCode, 0, again.stdout + again.stderr);
    await assertAsBefore(lab);
  });

  it("killed while libvirt itself migrates a guest, leaves a migration that recover ends, and hosts that it puts back", async () => {
    const job = await killed(libvirtsOwn, async (running) => {
      const { guest } = await running.event("migration-started");
      await until(async () => (await on(lab.source, JOB, guest)).startsWith("Job type: 2"), {
        everyMs: 20,
        timeoutMs: 5_000,
        what: "libvirt's own job",
      });
    });
    await recovers(job);
  });

  it("killed in mid-leg with classes, captures, CPU sampling, competing traffic, load and a closed port, leaves hosts that recover puts back", async () => {
    const job = await killed(everything, async (running) => {
      await running.event("migration-started", ({ leg }) => leg === 2);
      // Back on the source the ports of data are closed once half of the memory is there.
      await shows(lab.source, EVERYTHING_ON, /^htb 1: root\nstress-ng\ntcpdump\ncounted\nclosed\n$/);
    });
    await recovers(job);
  });

  it("killed while libvirtd is away on purpose, leaves hosts that recover puts back, with a libvirtd", async () => {
    const job = await killed(daemonless, async (running) => {
      await running.step("evidence before");
      const pid = (await on(lab.target, "cat /run/libvirtd.pid")).trim();
      await running.event("migration-started");
      await shows(lab.target, `cat /proc/${pid}/stat 2>/dev/null || echo gone`, /gone| Z /);
    });
    await recovers(job);
    await on(lab.target, "virsh -q -c qemu:///system list");
  });

  it("killed in its second case, has told of the first one's failure, and another process tells of its end", async () => {
    const before = hook.received.length;
    const job = await startJob(lab, failing, lab.inventoryPath, { MIGSTORM_NOTIFY: hook.url });
    await job.event("migration-started", ({ caseId }) => caseId === "failing.second");
    await hook.arrived(before + 1);
    assert.equal(job.child.kill("SIGKILL"), true);
    await job.ended;
    const [first, killed] = (await hook.arrived(before + 2)).slice(before);
    assert.deepEqual([first?.event, first?.firstFailure?.caseId], ["first-failure", "failing.first"]);
    assert.deepEqual([first?.firstFailure?.check, first?.counts.FAIL], ["silence", 1]);
    assert.deepEqual([killed?.event, killed?.underWay?.caseId], ["killed", "failing.second"]);
    assert.match(killed?.underWay?.step ?? "", /^leg 1 of 2/);
    assert.equal(killed?.recover, `migstorm recover ${job.folder}`);
    await recovers(job);
  });

  it("that lives keeps others off its hosts; stopped by Ctrl-C it puts them back and writes its reports", async () => {
    const before = hook.received.length;
    const job = await startJob(lab, slow, lab.inventoryPath, { MIGSTORM_NOTIFY: hook.url });
    await job.event("migration-started");
    const other = await cli("run", "--inventory", lab.inventoryPath, "--results-dir", join(lab.folder, "other"), quick);
    assert.equal(other.exitCode, 2);
    assert.match(other.stderr, new RegExp(`process ${job.child.pid} on .*Its runner is alive`));
    const early = await cli("recover", job.folder);
    assert.equal(early.exitCode, 2, early.stdout);
    assert.match(early.stderr, /still alive/);

    job.child.kill("SIGINT");
    const { exitCode = 0, stdout, result } = await finished(job);
    assert.equal(exitCode & 8, 8, stdout);
    assert.deepEqual([result.interrupted, result.cases[0]?.status], [true, "INTERRUPTED"]);
    assert.match(result.cases[0]?.reason ?? "", /SIGINT/);
    assert.ok((await readdir(job.folder)).includes("results.html"));
    await assertAsBefore(lab);
    const messages = hook.messages().slice(before);
    assert.deepEqual(
      messages.map(({ event, interrupted, exitCode: code }) => [event, interrupted, code]),
      [["end", true, exitCode]],
    );
  });

  it("leaves at once at the second Ctrl-C, and recover does the rest", async () => {
    const job = await startJob(lab, slow);
    await job.event("migration-started");
    const libvirtd = (await on(lab.target, "cat /run/libvirtd.pid")).trim();
    await on(lab.target, 'kill -STOP "$1"', libvirtd);
    try {
      job.child.kill("SIGINT");
      await until(async () => job.printed().includes("once more leaves at once"), {
        everyMs: 10,
        timeoutMs: 5_000,
        what: "the answer to Ctrl-C",
      });
      await sleep(NO_ECHO_MS);
      const secondAt = performance.now();
      job.child.kill("SIGINT");
      const { exitCode, stdout } = await job.ended;
      assert.equal(exitCode, 8);
      assert.ok(performance.now() - secondAt < 1_000, "at once");
      assert.match(stdout, /leaving at once; `migstorm recover`/);
    } finally {
      await on(lab.target, 'kill -CONT "$1"', libvirtd);
    }
    await recovers(job);
  });
});
