import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import type { LeakSample, SoakSummary } from "../../lib/model/soak.js";
import { until } from "../../lib/poll.js";
import { readEvents } from "../../lib/store/event-log.js";
import {
  assertAsBefore,
  cli,
  on,
  readResult,
  type Started,
  scenario,
  start,
  type TestLab,
  testLab,
} from "../support/lab-job.js";
import { TWIN, VIRSH } from "../support/trouble.js";

/** What a pass leaves behind on a host: a client of libvirtd, a listener, something like a QEMU, a domain. Prints their pids. */
const LEAK = `setsid ${VIRSH} event --all --loop </dev/null >/dev/null 2>&1 &
echo $!
setsid busybox nc -l -p "$2" </dev/null >/dev/null 2>&1 &
echo $!
setsid bash -c 'exec -a "guest=$1,debug-threads=on" sleep 600' bash "$1" </dev/null >/dev/null 2>&1 &
echo $!
printf %s "$3" | ${VIRSH} define /dev/stdin >/dev/null`;
const MEND = `for name in $(${VIRSH} list --all --name | grep '^leak-'); do ${VIRSH} undefine "$name" >/dev/null; done
kill "$@"`;
/** Below the ports of migrations, which no case may find taken. */
const LEAKED_PORT = 40_000;

describe("soak", function () {
  this.timeout(400_000);
  let lab: TestLab;
  let quick: string;
  let pair: string;

  before(async () => {
    lab = await testLab();
    quick = await scenario(lab, "quick");
    pair = await scenario(lab, "pair", {}, { turn: { first: {}, second: {} } });
  });
  after(() => lab?.down());

  interface RunningSoak extends Started {
    readonly folder: string;
    /** Names of the passes' folders, as soon as there are so many. */
    readonly passes: (count: number) => Promise<string[]>;
    /** Until the last pass is at a step. */
    readonly step: (begin: string) => Promise<unknown>;
    readonly summary: () => Promise<SoakSummary>;
  }

  async function startSoak(...args: readonly string[]): Promise<RunningSoak> {
    const results = await mkdtemp(join(lab.folder, "soak-"));
    const started = start(["soak", "--inventory", lab.inventoryPath, "--results-dir", results, ...args]);
    const waited = <T>(question: () => Promise<T | false | undefined>, what: string): Promise<T> =>
      until(question, { everyMs: 10, timeoutMs: 60_000, what, detail: started.printed });
    const name = await waited(
      async () => (await readdir(results)).find((entry) => entry.startsWith("soak-")),
      "the folder of the soak",
    );
    const folder = join(results, name);
    const passes = (count: number) =>
      waited(async () => {
        const names = (await readdir(folder)).filter((entry) => entry.startsWith("job-"));
        return names.length >= count && names;
      }, `${count} passes`);
    const step = (begin: string) =>
      waited(async () => {
        const [last = ""] = (await passes(1)).slice(-1);
        const events = await readEvents(join(folder, last, "events.ndjson"));
        return events.some((event) => event.type === "step-started" && event.step.startsWith(begin));
      }, `the step ${begin}`);
    const summary = async (): Promise<SoakSummary> => JSON.parse(await readFile(join(folder, "soak.json"), "utf8"));
    return { ...started, folder, passes, step, summary };
  }

  it("runs passes that are jobs of their own, watches the hosts between them, and leaves them as they were", async () => {
    const soak = await startSoak("--passes", "2", quick);
    const { exitCode, stdout, stderr } = await soak.ended;
    assert.equal(exitCode, 0, stdout + stderr);
    const { passes, figures, ended } = await soak.summary();
    assert.deepEqual(
      passes.map(({ pass, counts, kept }) => [pass, counts.PASS, kept]),
      [
        [1, 1, "whole"],
        [2, 1, "whole"],
      ],
    );
    assert.equal(ended, "all passes were run");
    for (const { jobId } of passes) assert.equal((await readResult(join(soak.folder, jobId))).cases[0]?.status, "PASS");
    const lines = (await readFile(join(soak.folder, "leaks.ndjson"), "utf8")).trim().split("\n");
    const samples = lines.map((line): LeakSample => JSON.parse(line));
    assert.deepEqual(
      samples.map(({ pass, problems }) => [pass, problems]),
      [
        [0, []],
        [1, []],
        [2, []],
      ],
    );
    for (const where of lab.inventory.hosts.map(({ name }) => name)) {
      const of = (what: string) => figures.find((figure) => figure.where === where && figure.what === what);
      assert.ok((of("libvirtd memory")?.last ?? 0) > 5_000 && (of("libvirtd open files")?.last ?? 0) > 5);
      assert.deepEqual([of("domains")?.last, of("QEMU processes")?.last], [0, 0]);
    }
    assert.match(await readFile(join(soak.folder, "soak.html"), "utf8"), /<h1>2 passes, all OK<\/h1>/);
    assert.equal(basename(await readlink(join(soak.folder, "..", "latest"))), basename(soak.folder));
    await assertAsBefore(lab);
  });

  it("names every figure that grows, and no other: each pass leaves programs, a listener and a domain behind", async () => {
    const soak = await startSoak("--passes", "6", quick);
    const pids: string[] = [];
    for (let pass = 1; pass <= 6; pass += 1) {
      await soak.passes(pass);
      const name = `leak-${pass}`;
      const left = await on(lab.source, LEAK, name, String(LEAKED_PORT + pass), TWIN(name));
      pids.push(...left.trim().split("\n"));
    }
    const { exitCode, stdout } = await soak.ended;
    await on(lab.source, MEND, ...pids);
    const { passes, figures } = await soak.summary();
    assert.deepEqual([exitCode, passes.length], [0, 6], stdout);
    for (const { jobId } of passes) {
      const residue = (await readResult(join(soak.folder, jobId))).cases[0]?.checks.find(
        (one) => one.check === "residue",
      );
      assert.equal(residue?.status, "PASS", "what others leave there is held against no case");
    }
    const growing = (where: string) =>
      figures.flatMap((figure) => (figure.where === where && figure.trend.word === "grows" ? figure.what : [])).sort();
    const leaking = [
      ...["QEMU processes", "UNIX sockets", "domains"],
      ...["libvirtd open files", "listening sockets", "processes"],
    ];
    assert.deepEqual([growing(lab.source.name), growing(lab.target.name)], [leaking, []], JSON.stringify(figures));
    for (const what of leaking)
      assert.match(stdout, new RegExp(`^GROWS {6}: ${lab.source.name} ${what}: .* a pass$`, "m"));
    await assertAsBefore(lab);
  });

  it("ends when its time is over: the case under way is finished, the next is skipped with the reason", async () => {
    const soak = await startSoak("--for", "1s", pair);
    const { exitCode, stdout, stderr } = await soak.ended;
    assert.equal(exitCode, 0, stdout + stderr);
    const { passes, ended = "" } = await soak.summary();
    assert.equal(passes.length, 1);
    assert.match(ended, /^the time of the soak is over/);
    const { cases } = await readResult(join(soak.folder, passes[0]?.jobId ?? ""));
    assert.deepEqual(
      cases.map(({ status, reason }) => [status, reason]),
      [
        ["PASS", undefined],
        ["SKIP", ended],
      ],
    );
  });

  it("ends a pass cleanly at Ctrl-C, and sums up", async () => {
    const soak = await startSoak("--passes", "9", quick);
    await soak.step("start 1 guests");
    soak.child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await soak.ended;
    assert.equal(exitCode, 8, stdout + stderr);
    const { passes, ended } = await soak.summary();
    assert.deepEqual([passes.length, passes[0]?.counts.INTERRUPTED, ended], [1, 1, "stopped by SIGINT"]);
    await assertAsBefore(lab);
  });

  it("ends with the first pass that is not OK when it is told to", async () => {
    const hasty = await scenario(lab, "hasty", { limits: { boot: "1s" } });
    const soak = await startSoak("--passes", "5", "--until-fail", hasty);
    assert.equal((await soak.ended).exitCode, 1);
    const { passes, ended } = await soak.summary();
    assert.deepEqual([passes.length, passes[0]?.counts.ERROR, ended], [1, 1, "pass 1 was not OK"]);
    const { cases } = await readResult(join(soak.folder, passes[0]?.jobId ?? ""));
    assert.match(cases[0]?.reason ?? "", /ssh of .* to answer/);
  });

  it("killed in its second pass, leaves hosts that recover puts back", async () => {
    const soak = await startSoak("--passes", "9", quick);
    await soak.passes(2);
    await soak.step("start 1 guests");
    soak.child.kill("SIGKILL");
    await soak.ended;
    const { exitCode, stdout, stderr } = await cli("recover", soak.folder);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /changes taken back, 0 left\n2 passes were looked at/);
    await assertAsBefore(lab);
    const again = await cli("recover", "--results-dir", join(soak.folder, ".."));
    assert.equal(again.exitCode, 0, again.stdout + again.stderr);
    assert.doesNotMatch(again.stdout, /taken back|NOT UNDONE/, "nothing was left for a second time");
  });
});
