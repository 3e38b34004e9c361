import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckResult, Evidence } from "../../lib/model/check.js";
import type { JobResult } from "../../lib/model/result.js";
import {
  assertAsBefore,
  cli,
  type FinishedJob,
  finished,
  on,
  openGuest,
  planOf,
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

const wrong = ({ check, status }: CheckResult): string[] => (status === "PASS" ? [] : [check]);

/** What was gathered in each case. */
const evidences = ({ folder, result }: Pick<FinishedJob, "folder" | "result">): Promise<Evidence[]> =>
  Promise.all(
    result.cases.map(async ({ case: { id } }) =>
      JSON.parse(await readFile(join(folder, "test-results", id, "evidence.json"), "utf8")),
    ),
  );

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
    const bootIds = (await evidences({ folder, result })).map(({ guests }) => guests[0]?.before?.bootId);
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

  it("leave no load to the next case; one that stays all the same is told, in a guest and on a host", async () => {
    const args = ["--cpu", "1", "--cpu-load", "5", "--timeout", "600"];
    const load = ["guests", "source"].map((place) => ({ on: place, tool: "stress-ng", args }));
    const running = await startJob(lab, await scenario(lab, "loaded", { load }, { pace: { a: {}, b: {}, c: {} } }));
    await running.event("step-started", ({ caseId, step }) => caseId === "loaded.b" && step.startsWith("evidence"));
    // By these files a load is found when it is to be ended.
    const guest = await openGuest(lab, await planOf(running.folder), 0);
    for (const place of [guest, lab.source]) await on(place, "rm /run/migstorm/job-*/load-????????");
    await guest.close();
    const job = await finished(running);
    const [first, second] = await evidences(job);
    assert.deepEqual(
      first?.load.map(({ leftProcesses }) => leftProcesses),
      [0, 0],
    );
    for (const { pid } of second?.load.filter(({ place }) => place === lab.source.name) ?? [])
      await on(lab.source, 'pkill -KILL -s "$1"', String(pid));
    assert.deepEqual(
      job.result.cases.map(({ status, checks }) => [status, checks.flatMap(wrong)]),
      [
        ["PASS", []],
        ["ERROR", ["residue"]],
        ["PASS", []],
      ],
      job.stdout,
    );
    assert.deepEqual(starts(job.result).at(2), [
      "start 1 guests",
      "the guests of loaded.a were not taken over: loaded.b came to ERROR",
    ]);
    const said = job.result.cases[1]?.checks.find(({ check }) => check === "residue")?.message ?? "";
    for (const place of [guest.name, lab.source.name])
      assert.match(said, new RegExp(`(?:^|; )${place}: stress-ng still runs: \\d+ processes of session \\d+`));
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
