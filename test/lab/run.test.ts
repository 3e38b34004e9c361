import assert from "node:assert/strict";
import { readdir, readFile, readlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { REPORTERS } from "../../reports/reporters.js";
import {
  assertAsBefore,
  cli,
  type FinishedJob,
  runJob,
  scenario,
  type TestLab,
  testLab,
  writeInput,
} from "../support/lab-job.js";

const REPORTS = Object.keys(REPORTERS);

describe("run", function () {
  this.timeout(120_000);
  let lab: TestLab;

  before(async () => {
    lab = await testLab();
  });
  after(() => lab?.down());

  describe("of two guests there and back", () => {
    let job: FinishedJob;

    before(async () => {
      const path = await scenario(lab, "pair", {
        guests: { count: 2, image: ["tiny-a", "tiny-b"], memory: "128MiB" },
        movement: { pattern: "simultaneous" },
        load: [{ on: "guests", tool: "stress-ng", args: ["--cpu", "1", "--cpu-load", "5", "--timeout", "600"] }],
      });
      job = await runJob(lab, path);
    });

    it("passes, with four migrations that libvirt has figures of", () => {
      assert.equal(job.exitCode, 0, job.stdout + job.stderr);
      const [only] = job.result.cases;
      assert.deepEqual([job.result.cases.length, only?.status], [1, "PASS"]);
      assert.deepEqual(
        only?.migrations.map(({ leg, outcome, stats }) => [leg, outcome, (stats?.dataProcessedBytes ?? 0) > 0]),
        [1, 1, 2, 2].map((leg) => [leg, "completed", true]),
      );
    });

    it("leaves a folder with everything in it, and points to it", async () => {
      assert.deepEqual((await readdir(job.folder)).sort(), [
        ...["events.ndjson", "job.json", "job.log", "plan.json"],
        ...["results.ctrf.json", "results.html", "results.json", "results.tap", "results.xml"],
        ...["summary.md", "test-results"],
      ]);
      const [id = ""] = await readdir(join(job.folder, "test-results"));
      assert.equal(id, job.result.cases[0]?.case.id);
      assert.deepEqual((await readdir(join(job.folder, "test-results", id))).sort(), [
        "case.html",
        "evidence.json",
        "guests.ndjson",
        "logs.html",
        "undo.ndjson",
      ]);
      assert.equal(basename(await readlink(join(dirname(job.folder), "latest"))), basename(job.folder));
    });

    it("leaves the hosts and the storage as they were", () => assertAsBefore(lab));

    it("has reports that come out the same when they are made again", async () => {
      const read = () => Promise.all(REPORTS.map((name) => readFile(join(job.folder, name), "utf8")));
      const first = await read();
      const again = await cli("report", job.folder);
      assert.equal(again.exitCode, 0, again.stderr);
      assert.deepEqual(await read(), first);
    });

    it("is judged the same from its evidence alone", async () => {
      const again = await cli("recheck", job.folder);
      assert.equal(again.exitCode, 0, again.stderr);
      assert.match(again.stdout, /PASS 1 \| ERROR 0 \| FAIL 0/);
      const checks = async (): Promise<unknown> =>
        JSON.parse(await readFile(join(job.folder, "results.json"), "utf8")).cases[0].checks;
      assert.deepEqual(await checks(), job.result.cases[0]?.checks);
    });

    it("has nothing to recover", async () => {
      const { exitCode, stdout } = await cli("recover", job.folder);
      assert.deepEqual([exitCode, /nothing to put back/.test(stdout)], [0, true]);
    });
  });

  it("skips what the hosts cannot do, says why, and does not call that a success", async () => {
    const { exitCode, result } = await runJob(lab, await scenario(lab, "unknown", { guests: { image: "solaris" } }));
    assert.equal(exitCode, 2);
    assert.equal(result.cases[0]?.status, "SKIP");
    assert.match(result.cases[0]?.reason ?? "", /solaris/);
  });

  it("stops at the first case that errs when it is told to", async () => {
    const path = await scenario(lab, "hasty", { limits: { boot: "1s" } }, { turn: { first: {}, second: {} } });
    const results = join(lab.folder, "hasty");
    const end = await cli("run", "--inventory", lab.inventoryPath, "--results-dir", results, "--failfast", path);
    assert.equal(end.exitCode, 1, end.stderr);
    const { cases } = JSON.parse(await readFile(join(results, "latest", "results.json"), "utf8"));
    assert.equal(cases[0].status, "ERROR");
    assert.match(cases[0].reason, /ssh of .* to answer/);
    assert.equal(cases[1]?.status, "SKIP");
    await assertAsBefore(lab);
  });

  it("imports guests with virt-install where the inventory says so", async () => {
    const hosts = lab.inventory.hosts.map((host) => ({ ...host, import: "virt-install" }));
    const inventory = await writeInput(lab, "virt-install.yaml", { ...lab.inventory, hosts });
    const job = await runJob(lab, await scenario(lab, "imported"), inventory);
    assert.equal(job.exitCode, 0, job.stdout + job.stderr);
    const imports = job.result.cases[0]?.commands.filter(({ argv }) => argv.join(" ").includes("virt-install"));
    assert.equal(imports?.length, 1);
    await assertAsBefore(lab);
  });
});
