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
  type TestLab,
  testLab,
} from "../support/lab-job.js";

describe("a failure that is had again", function () {
  this.timeout(180_000);
  let lab: TestLab;
  let path: string;
  let job: FinishedJob;

  before(async () => {
    lab = await testLab();
    path = await scenario(
      lab,
      "again",
      {},
      { way: { open: {}, closed: { faults: [{ do: "block-data", on: "target", leg: 1 }] } } },
    );
    job = await runJob(lab, path);
  });
  after(() => lab?.down());

  const jobIn = async (folder: string): Promise<string> => join(folder, "latest");

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
    const again = await readResult(await jobIn(results));
    assert.equal(again.seed, job.result.seed);
    assert.deepEqual(
      again.cases.map(({ case: { id }, status }) => [id, status]),
      [["again.closed", "FAIL"]],
    );
    assert.deepEqual((await planOf(await jobIn(results))).case, job.result.cases[1]?.case);
    assert.equal((await readdir(results)).filter((name) => name.startsWith("job-")).length, 1);
    await assertAsBefore(lab);
  });
});
