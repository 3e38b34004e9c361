import assert from "node:assert/strict";
import { readdir, readFile, readlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Evidence } from "../../lib/model/check.js";
import { REPORTERS } from "../../reports/reporters.js";
import {
  assertAsBefore,
  cli,
  type FinishedJob,
  finished,
  on,
  planOf,
  readResult,
  runJob,
  scenario,
  startJob,
  type TestLab,
  testLab,
  writeInput,
} from "../support/lab-job.js";
import { HIDE, SHOW, WITHOUT_STRESS_NG } from "../support/trouble.js";

const REPORTS = Object.keys(REPORTERS);
const STRESS_NG = "/usr/bin/stress-ng";

describe("run", function () {
  this.timeout(120_000);
  let lab: TestLab;

  before(async () => {
    lab = await testLab();
  });
  after(() => lab?.down());

  describe("of three guests there and back, twice, in both directions at once", () => {
    let job: FinishedJob;

    before(async () => {
      const path = await scenario(lab, "crossing", {
        guests: { count: 3, image: ["tiny-a", "tiny-b"], memory: "128MiB" },
        movement: { pattern: "cross", rounds: 2 },
        migration: { autoConverge: true, timeout: "120s", bandwidthMiBps: 64 },
        load: [{ on: "guests", tool: "stress-ng", args: ["--cpu", "1", "--cpu-load", "5", "--timeout", "600"] }],
      });
      job = await runJob(lab, path);
    });

    it("passes, with twelve migrations that libvirt has figures of", () => {
      assert.equal(job.exitCode, 0, job.stdout + job.stderr);
      const [only] = job.result.cases;
      assert.deepEqual([job.result.cases.length, only?.status], [1, "PASS"]);
      assert.deepEqual(
        only?.migrations.map(({ leg, outcome, stats }) => [leg, outcome, (stats?.dataProcessedBytes ?? 0) > 0]),
        [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4].map((leg) => [leg, "completed", true]),
      );
    });

    it("has guests of both hosts change places in each leg, and ends with each where it began", async () => {
      const [only] = job.result.cases;
      const { guests } = await planOf(job.folder);
      const [here, there] = lab.inventory.hosts.map(({ name }) => name);
      const homes = [here, there, here];
      assert.deepEqual(
        guests.map(({ host }) => host),
        homes,
      );
      for (const { name, host } of guests) {
        const ways = only?.migrations.filter(({ guest }) => guest === name) ?? [];
        const away = host === here ? there : here;
        assert.deepEqual(
          ways.map(({ source, target }) => [source, target]),
          [host, away, host, away].map((source) => [source, source === here ? there : here]),
        );
      }
      const overlap = only?.checks.find(({ check }) => check === "overlap");
      assert.deepEqual([overlap?.status, overlap?.measured?.legs], ["PASS", 4]);
      const { id = "" } = only?.case ?? {};
      const evidence: Evidence = JSON.parse(
        await readFile(join(job.folder, "test-results", id, "evidence.json"), "utf8"),
      );
      assert.deepEqual(
        evidence.guests.map(({ finalHosts }) => finalHosts),
        homes.map((home) => [home]),
      );
    });

    it("has told virsh the same in both directions, but for whom to move and where to", () => {
      const [only] = job.result.cases;
      const [here, there] = lab.inventory.hosts;
      // As they were run, behind the script that keeps them when the connection is lost.
      const ran = (only?.commands ?? []).filter(({ argv }) => argv[0] !== "virsh" && argv.includes("--desturi"));
      const told = ran.map(({ host, argv }) => {
        const peer = host === here?.name ? there : here;
        const words = new Map([
          [peer?.peerUri, "PEER"],
          [`tcp://${peer?.migrationAddress}`, "MEMORY"],
        ]);
        const command = argv.slice(argv.indexOf("virsh")).map((word) => words.get(word) ?? word);
        return [host, command.join(" ").replace(/ms-\w+-001-g[123]/, "GUEST")] as const;
      });
      const command =
        "virsh -c qemu:///system migrate --live --persistent --undefinesource --auto-converge --timeout 120 --timeout-suspend --migrateuri MEMORY --bandwidth 64 --domain GUEST --desturi PEER";
      // Two from here and one from there, then two from there and one from here.
      assert.deepEqual(
        told.sort(),
        [here, there].flatMap((host) => Array.from({ length: 6 }, () => [host?.name, command])),
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
    const load = ["source", "target"].map((on) => ({ on, tool: "stress-ng", args: ["--cpu", "1"] }));
    const path = await scenario(
      lab,
      "unable",
      {},
      { what: { image: { guests: { image: "solaris" } }, tool: { load } } },
    );
    await on(lab.source, HIDE(STRESS_NG));
    try {
      const { exitCode, result, stdout } = await runJob(lab, path);
      const [image, tool] = result.cases;
      assert.deepEqual([exitCode, image?.status, tool?.status], [2, "SKIP", "SKIP"], stdout);
      assert.match(image?.reason ?? "", /solaris/);
      assert.equal(tool?.reason, `${lab.source.name} has no stress-ng: install the package stress-ng`);
      assert.ok(stdout.includes(tool.reason), stdout);
    } finally {
      await on(lab.source, SHOW(STRESS_NG));
    }
    await assertAsBefore(lab);
  });

  it("cancels a case whose guest lacks a tool, errs in the tool's own words, and stops there when it is told to", async () => {
    const { images } = lab.inventory;
    const bare = { ...images["tiny-a"], cmdline: `${images["tiny-a"]?.cmdline} ${WITHOUT_STRESS_NG}` };
    const inventory = await writeInput(lab, "bare.yaml", { ...lab.inventory, images: { ...images, bare } });
    const load = (...args: string[]) => [{ on: "guests", tool: "stress-ng", args }];
    const path = await scenario(
      lab,
      "toolless",
      {},
      {
        what: {
          lacking: { guests: { image: "bare" }, load: load("--cpu", "1") },
          misspelt: { load: load("--cpuu", "1") },
          next: {},
        },
      },
    );
    const results = join(lab.folder, "toolless");
    const end = await cli("run", "--inventory", inventory, "--results-dir", results, "--failfast", path);
    const { cases } = await readResult(join(results, "latest"));
    const [lacking, misspelt, next] = cases;
    assert.deepEqual(
      [end.exitCode, ...cases.map(({ status }) => status)],
      [1, "CANCEL", "ERROR", "SKIP"],
      end.stdout + end.stderr,
    );
    assert.match(
      lacking?.reason ?? "",
      /^ms-\w+-001-g1 has no stress-ng: install the package stress-ng there, or have it done: images\.bare\.installTools in/,
    );
    assert.match(
      misspelt?.reason ?? "",
      /^stress-ng on ms-\w+-002-g1: it ended at once: .*unrecognized option '--cpuu'/s,
    );
    assert.deepEqual(lacking?.checks, []);
    // What broke off is judged all the same: nobody looked, which is no FAIL.
    assert.deepEqual(
      (misspelt?.checks ?? []).filter(({ status }) => status !== "PASS" && status !== "ERROR"),
      [],
    );
    for (const one of [lacking, misspelt]) assert.deepEqual([one?.migrations, one?.leftovers], [[], []]);
    assert.equal(next?.reason, "the job ended before this case was started");
    await assertAsBefore(lab);
  });

  for (const [how, isUsed] of [
    ["virt-install", 1],
    ["definition", 0],
  ] as const)
    it(`imports guests by ${how} where the inventory says so, and QEMU keeps little of translated code`, async () => {
      const hosts = lab.inventory.hosts.map((host) => ({ ...host, import: how }));
      const inventory = await writeInput(lab, `${how}.yaml`, { ...lab.inventory, hosts });
      const running = await startJob(lab, await scenario(lab, "imported"), inventory);
      await running.step("evidence before");
      const [{ name = "" } = {}] = (await planOf(running.folder)).guests;
      const qemu = await on(lab.source, `tr '\\0' ' ' <"/proc/$(cat "/run/libvirt/qemu/$1.pid")/cmdline"`, name);
      const job = await finished(running);
      assert.equal(job.exitCode, 0, job.stdout + job.stderr);
      if (lab.inventory.virtType === "qemu") assert.match(qemu, / -accel tcg,tb-size=64 /);
      const imports = job.result.cases[0]?.commands.filter(({ argv }) => argv.join(" ").includes("virt-install"));
      assert.equal(imports?.length, isUsed);
      await assertAsBefore(lab);
    });
});
