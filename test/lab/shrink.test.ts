import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expand } from "../../harness/expand.js";
import { loadScenario } from "../../harness/load.js";
import type { ShrinkSummary } from "../../lib/model/shrink.js";
import { buildParams } from "../support/build.js";
import { assertAsBefore, cli, runJob, scenario, start, type TestLab, testLab } from "../support/lab-job.js";

const SMALL = { image: "tiny-a", memory: "128MiB" };

describe("a failure that is made smaller", function () {
  this.timeout(300_000);
  let lab: TestLab;

  before(async () => {
    lab = await testLab();
  });
  after(() => lab?.down());

  /** Has a case fail; the arguments that make it smaller, and where that leaves its folder. */
  async function failed(name: string, base: object) {
    const job = await runJob(lab, await scenario(lab, name, base));
    assert.equal(job.exitCode, 1, job.stdout);
    const results = join(lab.folder, `shrunk-${name}`);
    const args = ["shrink", job.folder, "--id", name, "-n", "1", "--max-runs", "1", "--results-dir", results];
    return { args, results };
  }
  async function shrunk(results: string) {
    const [name = ""] = await readdir(results);
    const folder = join(results, name);
    const summary: ShrinkSummary = JSON.parse(await readFile(join(folder, "shrink.json"), "utf8"));
    const [only] = expand(await loadScenario(join(folder, "shrunk.yaml")));
    assert.deepEqual(only?.params, summary.params);
    return { folder, summary };
  }

  it("to the fault that it takes, in the first leg, without the load beside it", async () => {
    const { args, results } = await failed("closed", {
      guests: SMALL,
      load: [{ on: "guests", tool: "stress", args: ["--cpu", "1"] }],
      faults: [{ do: "block-data", leg: 2 }],
    });
    const { exitCode, stdout, stderr } = await cli(...args);
    assert.equal(exitCode, 0, stdout + stderr);
    const { folder, summary } = await shrunk(results);
    assert.deepEqual(summary.params, buildParams({ guests: SMALL, faults: [{ do: "block-data", leg: 1 }] }));
    assert.match(summary.signature, /^FAIL outcome: \*, leg #: failed \(error: unable to connect/);
    assert.deepEqual([summary.isSmallest, summary.confirmed.map(({ outcome }) => outcome)], [true, ["same"]]);
    assert.deepEqual(
      summary.probes.filter(({ decision }) => decision === "left-out").map(({ runs }) => runs[0]?.status),
      ["PASS"],
      "the fault alone cannot be left out",
    );
    const jobs = (await readdir(folder)).filter((name) => name.startsWith("job-")).length;
    assert.equal(jobs, 2 + summary.probes.length);
    assert.match((await cli("recover", folder)).stdout, new RegExp(`^${jobs} passes were looked at$`, "m"));
    await assertAsBefore(lab);

    // What it ends with is run as it stands, and fails as the first one did.
    const [, line = ""] = /^RUN {8}: npx migstorm (.*)$/m.exec(stdout) ?? [];
    const again = await cli(...line.split(" "), "--results-dir", join(lab.folder, "again"));
    assert.equal(again.exitCode, 1, again.stdout + again.stderr);
    assert.match(again.stdout, /closed-shrunk: FAIL .*unable to connect/);
  });

  it("to the one of two loads that ends early, and Ctrl-C leaves the best by then", async () => {
    const [lasting, short] = ["600", "1"].map((seconds) => ["--cpu", "1", "--cpu-load", "5", "--timeout", seconds]);
    const { args, results } = await failed("ends-early", {
      guests: { ...SMALL, count: 2 },
      load: [
        { on: "guests", tool: "stress-ng", args: lasting },
        { on: "source", tool: "stress-ng", args: short },
      ],
    });
    const running = start(args);
    let isTold = false;
    running.child.stdout?.on("data", () => {
      // The lasting load comes first: without it the case still fails, without the short one it would not.
      if (isTold || !/load.*: ERROR .* -> TAKEN$/m.test(running.printed())) return;
      isTold = true;
      running.child.kill("SIGINT");
    });
    const { exitCode, stdout, stderr } = await running.ended;
    assert.equal(exitCode, 8, stdout + stderr);
    const { summary } = await shrunk(results);
    assert.deepEqual(
      [summary.params.load.map(({ on, args: told }) => [on, told]), summary.ended],
      [[["source", short]], "stopped by SIGINT"],
    );
    assert.match(summary.signature, /^ERROR load: /);
    assert.match(stdout, /^CASE {7}: .*shrunk\.yaml$/m);
    await assertAsBefore(lab);
  });
});
