import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobPlan } from "../../lib/model/result.js";
import {
  assertAsBefore,
  cli,
  type FinishedJob,
  planOf,
  readResult,
  runJob,
  scenario,
  start,
  type TestLab,
  testLab,
} from "../support/lab-job.js";

describe("a failure that is had again", function () {
  this.timeout(180_000);
  let lab: TestLab;
  let job: FinishedJob;

  before(async () => {
    lab = await testLab();
    const path = await scenario(lab, "again", {}, WAYS);
    job = await runJob(lab, path);
  });
  after(() => lab?.down());

  it("replay runs the case of the plan, although its scenario is another by now, and tells of other versions", async () => {
    await scenario(lab, "again", { guests: { count: 5, image: "tiny-a", memory: "512MiB" } });
    const plan = JSON.parse(await readFile(join(job.folder, "plan.json"), "utf8")) as JobPlan;
    const [first, ...more] = plan.hosts;
    await writeFile(
      join(job.folder, "plan.json"),
      JSON.stringify({ ...plan, hosts: [{ ...first, qemuVersion: "1.2.3" }, ...more] }),
    );
    const results = join(lab.folder, "replayed");
    const { exitCode, stdout } = await cli("replay", job.folder, "--id", "*.closed", "--results-dir", results);

    assert.equal(exitCode, 1, stdout);
    assert.match(stdout, /^REPLAY OF {2}: job-\S+, 1 of 2 cases, seed \d+$/m);
    assert.match(stdout, /^GUESTS {5}: booted anew for again\.closed; then taken over from again\.open$/m);
    assert.match(stdout, /^CHANGED {4}: host 1 QEMU: 1\.2\.3 then, \d+\.\S* now$/m);
    const again = await readResult(join(results, "latest"));
    assert.equal(again.seed, job.result.seed);
    assert.deepEqual(
      again.cases.map(({ case: { id }, status }) => [id, status]),
      [["again.closed", "FAIL"]],
    );
    assert.deepEqual((await planOf(join(results, "latest"))).case, job.result.cases[1]?.case);
    assert.equal((await readdir(results)).filter((name) => name.startsWith("job-")).length, 1);
    await assertAsBefore(lab);
  });

  const again = (...args: readonly string[]) =>
    ["run", "--inventory", lab.inventoryPath, "--results-dir", join(lab.folder, "passes"), ...args] as const;

  it("--last-failed runs what failed, --until-fail ends with its first pass, and the exit code says so", async () => {
    const path = await scenario(lab, "again", {}, WAYS);
    const chosen = await cli(...again(path, "--last-failed", job.folder, "--repeat", "3", "--until-fail"));
    assert.equal(chosen.exitCode, 1, chosen.stdout);
    assert.match(chosen.stdout, /^SOAK {7}: 0 of 1 passes OK\nENDED {6}: pass 1 was not OK$/m);
    assert.match(chosen.stdout, / \(1\/1\) again\.closed: FAIL /);
  });

  it("--repeat runs every pass as a job of its own, and Ctrl-C ends the one under way", async () => {
    const path = await scenario(lab, "again", {}, WAYS);
    const running = start(again(path, "--id", "*.open", "--repeat", "50"));
    // Once: a second SIGINT would leave at once.
    let isTold = false;
    running.child.stdout?.on("data", () => {
      if (isTold || !/^SOAK PASS {2}: 2 of 50$/m.test(running.printed())) return;
      isTold = true;
      running.child.kill("SIGINT");
    });
    const { exitCode, stdout } = await running.ended;
    // Also 2 where the pass was stopped before its case had begun.
    assert.equal((exitCode ?? 0) & ~2, 8, stdout);
    assert.match(stdout, /^SOAK {7}: 1 of 2 passes OK$/m);
    await assertAsBefore(lab);
  });

  it("flake tells how often a case is not OK, and why", async () => {
    const path = await scenario(lab, "again", {}, WAYS);
    const results = ["--inventory", lab.inventoryPath, "--results-dir", join(lab.folder, "flakes")];
    const { exitCode, stdout, stderr } = await cli("flake", "again.closed", path, ...results, "-n", "3", "--json");
    assert.equal(exitCode, 1, stderr);
    const { runs, failed, rate, groups } = JSON.parse(stdout);
    assert.deepEqual([runs, failed, rate.share, rate.high, groups.length, groups[0].runs], [3, 3, 1, 1, 1, 3]);
    assert.match(groups[0].signature, /^FAIL outcome: \*, leg #: failed \(error: unable to connect/);
    assert.match(stderr, /^SOAK PASS {2}: 3 of 3$/m);
    await assertAsBefore(lab);
  });
});

const WAYS = { way: { open: {}, closed: { faults: [{ do: "block-data", on: "target", leg: 1 }] } } };
