import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Evidence } from "../../lib/model/check.js";
import type { JobResult } from "../../lib/model/result.js";
import {
  assertAsBefore,
  cli,
  finished,
  on,
  runJob,
  scenario,
  startJob,
  type TestLab,
  testLab,
} from "../support/lab-job.js";

/** Three cases of the same guest; the second is suspended in its migration by the timeout, which makes it WARN. */
const CASES = {
  pace: {
    a: {},
    b: { migration: { bandwidthMiBps: 16, timeout: "1s" } },
    c: {},
    d: {},
  },
};

/** What each case did to have its guests, and why. */
const starts = ({ cases }: JobResult) =>
  cases.map(({ phases }) => {
    const { name, note } = phases.find((phase) => /^(?:start|take over) \d+ guests/.test(phase.name)) ?? {};
    return [name, note] as const;
  });

describe("guests that are handed on from case to case", function () {
  this.timeout(180_000);
  let lab: TestLab;

  before(async () => {
    lab = await testLab();
  });
  after(() => lab?.down());

  it("stay as long as cases pass, are booted anew after any other verdict, and are gone at the end", async () => {
    const { exitCode, result, folder, stdout } = await runJob(lab, await scenario(lab, "herd", {}, CASES));
    assert.deepEqual(
      result.cases.map(({ status }) => status),
      ["PASS", "WARN", "PASS", "PASS"],
      JSON.stringify(result.cases.flatMap(({ checks }) => checks.filter(({ status }) => status !== "PASS"))),
    );
    assert.equal(exitCode, 0, stdout);
    const bootIds = await Promise.all(
      result.cases.map(async ({ case: { id } }) => {
        const text = await readFile(join(folder, "test-results", id, "evidence.json"), "utf8");
        return (JSON.parse(text) as Evidence).guests[0]?.before?.bootId;
      }),
    );
    assert.equal(bootIds[1], bootIds[0], "the second case took the guest of the first over");
    assert.notEqual(bootIds[2], bootIds[1], "after a WARN it was booted anew");
    assert.equal(bootIds[3], bootIds[2], "the fourth case took the guest of the third over");
    assert.deepEqual(starts(result), [
      ["start 1 guests", undefined],
      ["take over 1 guests of herd.a", undefined],
      ["start 1 guests", "the guests of herd.a were not taken over: herd.b came to WARN"],
      ["take over 1 guests of herd.a", undefined],
    ]);
    assert.match(await readFile(join(folder, "results.html"), "utf8"), /were not taken over: herd\.b came to WARN</);
    await assertAsBefore(lab);
  });

  it("are made anew when somebody has moved or ended them in between", async () => {
    const running = await startJob(lab, await scenario(lab, "stolen", {}, { pace: { a: {}, b: {} } }));
    await running.event("case-ended");
    await on(lab.source, "for name in $(virsh -q list --name); do virsh -q destroy --domain $name; done");
    const { result, stdout } = await finished(running);
    assert.deepEqual(
      result.cases.map(({ status }) => status),
      ["PASS", "PASS"],
      stdout,
    );
    const [, [name = "", note = ""] = []] = starts(result);
    assert.equal(name, "start 1 guests");
    // It may have been asked for its place just before.
    assert.match(note, /^the guests of stolen\.a were not taken over: ms-\w+-001-g1 (?:is \w.* on |does not answer)/);
    await assertAsBefore(lab);
  });

  it("are taken away by recover when the runner was killed between two cases", async () => {
    const running = await startJob(lab, await scenario(lab, "killed", {}, { pace: { a: {}, b: {} } }));
    await running.event("case-ended");
    running.child.kill("SIGKILL");
    await running.ended;
    const { exitCode, stdout, stderr } = await cli("recover", running.folder);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /taken back: .*guest ms-/);
    await assertAsBefore(lab);
    const resumed = await cli("resume", running.folder);
    assert.equal(resumed.exitCode, 0, resumed.stdout + resumed.stderr);
    await assertAsBefore(lab);
  });

  it("are every case's own with --fresh", async () => {
    const path = await scenario(lab, "fresh", {}, { pace: { a: {}, b: {} } });
    const { stdout } = await cli("plan", path, "--inventory", lab.inventoryPath, "--fresh");
    assert.doesNotMatch(stdout, /take over/);
    assert.match((await cli("plan", path, "--inventory", lab.inventoryPath)).stdout, /take over 1 guests of fresh\.a/);
  });
});
