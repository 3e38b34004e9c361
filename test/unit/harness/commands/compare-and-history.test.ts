import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare } from "../../../../harness/commands/compare.js";
import { history } from "../../../../harness/commands/history.js";
import { readStoredJob } from "../../../../harness/commands/stored-job.js";
import type { NewEvent } from "../../../../lib/model/event.js";
import type { JobResult } from "../../../../lib/model/result.js";
import type { Status } from "../../../../lib/model/status.js";
import { renderJson } from "../../../../reports/json.js";
import {
  buildCase,
  buildCheck,
  buildCommand,
  buildJob,
  buildJobPlan,
  buildMigration,
  buildResult,
  stampEvents,
} from "../../../support/build.js";
import { sampleJob } from "../../../support/sample-job.js";

const RUNNER = { cpuS: 1, peakMiB: 100 };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "migstorm-nights-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

const jobOf = (status: Status, over: Partial<JobResult> = {}): JobResult => buildJob([buildResult({ status })], over);
const results = (name: string, status: Status, over: Partial<JobResult> = {}): string =>
  folder(name, { "results.json": renderJson(jobOf(status, over)) });

/** plan.json and events.ndjson of a job with one case. */
function journal(isEnded: boolean): Record<string, string> {
  const { commands: _, migrations: __, phases: ___, ...verdict } = buildResult();
  const caseId = buildCase().id;
  const events: NewEvent[] = [
    { type: "job-started", jobId: "j" },
    { type: "case-started", caseId },
    { type: "command", caseId, command: buildCommand() },
    { type: "migration-ended", caseId, record: buildMigration() },
    ...(isEnded
      ? [
          { type: "case-ended", result: verdict } as const,
          { type: "job-ended", interrupted: false, leftovers: [], runner: RUNNER } as const,
        ]
      : []),
  ];
  const lines = stampEvents(events).map((event) => `${JSON.stringify(event)}\n`);
  return { "plan.json": JSON.stringify(buildJobPlan()), "events.ndjson": lines.join("") };
}

async function printed(verb: (write: (text: string) => void) => Promise<number>): Promise<[string, number]> {
  let text = "";
  const code = await verb((more) => {
    text += more;
  });
  return [text, code];
}

describe("a job read from its folder", () => {
  it("is what plan and events tell where it has no results yet", async () => {
    const { cases, interrupted, runner } = await readStoredJob(folder("job-a", journal(true)));
    assert.deepEqual([cases[0]?.status, interrupted, runner], ["PASS", false, RUNNER]);
    assert.deepEqual([cases[0]?.migrations, cases[0]?.commands], [[buildMigration()], []]);
  });

  it("is what its results tell, but not where they are older than its events", async () => {
    const path = folder("job-a", { ...journal(true), "results.json": renderJson(jobOf("FAIL")) });
    utimesSync(join(path, "events.ndjson"), 1_000, 1_000);
    assert.equal((await readStoredJob(path)).cases[0]?.status, "FAIL");
    utimesSync(join(path, "results.json"), 500, 500);
    assert.equal((await readStoredJob(path)).cases[0]?.status, "PASS");
  });

  it("may have any verdict, and cases that never ran", async () => {
    const { cases } = await readStoredJob(folder("job-a", { "results.json": renderJson(sampleJob()) }));
    assert.deepEqual(
      cases.map(({ status }) => status),
      sampleJob().cases.map(({ status }) => status),
    );
  });

  it("may have figures that are no numbers, which then count for nothing", async () => {
    const unknown = buildMigration({ silence: { ...buildMigration().silence!, longestMs: Number.NaN } });
    const checks = [buildCheck({ measured: { leftMiB: Number.POSITIVE_INFINITY } })];
    const cases = Array.from({ length: 8 }, (_, index) =>
      buildResult({ case: buildCase({ id: `c${index}` }), migrations: Array(4).fill(unknown), checks }),
    );
    const path = folder("job-a", { "results.json": renderJson(buildJob(cases)) });
    const [text] = await printed((write) => compare(path, path, { json: true }, write));
    // Over all cases duration, total time and downtime; in each of them the latter two.
    assert.equal(JSON.parse(text).numbers.tested, 3 + 8 * 2);
  });

  it("passes over a line that was torn", async () => {
    const files = journal(true);
    const path = folder("job-a", { ...files, "events.ndjson": `${files["events.ndjson"]}{"type":"case-st` });
    assert.equal((await readStoredJob(path)).cases[0]?.status, "PASS");
  });

  const damaged: readonly (readonly [what: string, files: Readonly<Record<string, string>>, told: RegExp])[] = [
    ["nothing in it", {}, /is not the folder of a job: it has no job\.json$/],
    [
      "jobs of its own",
      { "job-1": "", "job-2": "", "job-results": "" },
      /has no job\.json; name a job's, e\.g\. .*\/job-a\/job-2$/,
    ],
    [
      "a job that never had a plan",
      { "job.json": "{}" },
      /no readable plan\.json: the job broke off before it had a plan/,
    ],
    ["half of its results", { "results.json": '{"schema":' }, /results\.json: cannot be read/],
    [
      "results of another version",
      { "results.json": '{"schema":"migstorm-results/9"}' },
      /another version: migstorm-results\/9/,
    ],
    ["results that are null", { "results.json": "null" }, /another version: undefined/],
    ["results without cases", { "results.json": '{"schema":"migstorm-results/1"}' }, /not a job's result: /],
    [
      "a verdict nobody knows",
      { "results.json": renderJson(jobOf("PASS")).replaceAll('"PASS"', '"FINE"') },
      /cases\.0\.status/,
    ],
    ["a plan that is a list", { "plan.json": "[]" }, /damaged/],
    ["events that are not", { ...journal(true), "events.ndjson": '{"type":"case-ended","monoMs":1}\n' }, /damaged/],
  ];
  for (const [what, files, told] of damaged)
    it(`is refused with ${what}`, async () => {
      await assert.rejects(readStoredJob(folder("job-a", files)), { code: "bad-input", message: told });
    });

  it("is refused where there is no folder", () =>
    assert.rejects(readStoredJob(join(root, "none")), { code: "bad-input", message: /there is no such folder/ }));
});

describe("compare", () => {
  it("is 1 for a new failure, and 0 for anything else", async () => {
    const [good, bad] = [results("a", "PASS"), results("b", "FAIL")];
    const [text, code] = await printed((write) => compare(good, bad, {}, write));
    assert.equal(code, 1);
    assert.match(text, /^NEW FAIL {3}: smoke\.orderly\.precopy: PASS -> FAIL/m);
    assert.match(text, /\n$/);
    for (const [older, newer] of [
      [bad, good],
      [good, good],
      [bad, bad],
    ] as const)
      assert.equal((await printed((write) => compare(older, newer, {}, write)))[1], 0);
  });

  it("gives JSON when asked", async () => {
    const [text, code] = await printed((write) =>
      compare(results("a", "PASS"), results("b", "FAIL"), { json: true }, write),
    );
    assert.deepEqual([JSON.parse(text).newFailures.length, code], [1, 1]);
  });
});

describe("history", () => {
  const at = (day: number): Partial<JobResult> => ({ startedAt: `2026-11-0${day}T22:00:00.000Z` });
  const told = async (options = {}) =>
    JSON.parse((await printed((write) => history(root, { json: true, ...options }, write)))[0]);

  it("is of jobs and of the passes of soaks, by their time, and of nothing else", async () => {
    results("job-2026-11-02T22.00-aaaaaaa", "FAIL", at(2));
    results("soak-2026-11-01T20.00-bbbbbbb/job-2026-11-01T22.00-ccccccc", "PASS", at(1));
    results("other", "PASS");
    symlinkSync("job-2026-11-02T22.00-aaaaaaa", join(root, "latest"));
    const { jobs, cases, skipped } = await told();
    assert.deepEqual(
      jobs.map((job: { folder: string }) => job.folder),
      ["soak-2026-11-01T20.00-bbbbbbb/job-2026-11-01T22.00-ccccccc", "job-2026-11-02T22.00-aaaaaaa"],
    );
    assert.deepEqual([cases[0].verdicts, cases[0].flips, skipped], [["PASS", "FAIL"], 1, []]);
  });

  it("tells what it cannot read, and goes on", async () => {
    results("job-2026-11-01T22.00-aaaaaaa", "PASS", at(1));
    folder("job-2026-11-02T22.00-bbbbbbb", {});
    folder("job-2026-11-03T22.00-ccccccc", journal(false));
    folder("job-2026-11-04T22.00-ddddddd", { "results.json": '{"schema":"migstorm-results/9"}' });
    writeFileSync(join(root, "job-2026-11-05T22.00-eeeeeee"), "a file");
    const { jobs, skipped } = await told();
    assert.equal(jobs.length, 1);
    assert.deepEqual(
      skipped.map(
        ({ reason }: { reason: string }) =>
          /no such folder|another version|not finished|not the folder of a job/.exec(reason)?.[0],
      ),
      ["no such folder", "another version", "not finished", "not the folder of a job"],
    );
  });

  it("takes the latest, and reads no more than it needs", async () => {
    for (const day of [1, 2, 3]) results(`job-2026-11-0${day}T22.00-aaaaaaa`, "PASS", at(day));
    folder("job-2026-11-00T22.00-damaged", {});
    const { jobs, skipped } = await told({ last: 2 });
    assert.deepEqual(
      jobs.map(({ startedAt }: JobResult) => startedAt.slice(8, 10)),
      ["02", "03"],
    );
    assert.deepEqual(skipped, []);
  });

  it("is of the asked cases", async () => {
    results("job-2026-11-01T22.00-aaaaaaa", "PASS", at(1));
    assert.equal((await told({ case: "smoke.*" })).cases.length, 1);
    await assert.rejects(
      history(root, { case: "smoek.*" }, () => undefined),
      { code: "bad-input", message: /smoek/ },
    );
  });

  it("of an empty folder says so, and of none is bad input", async () => {
    assert.deepEqual(await printed((write) => history(root, {}, write)), ["0 jobs, 0 cases, 0 folders skipped\n", 0]);
    await assert.rejects(
      history(join(root, "none"), {}, () => undefined),
      { code: "bad-input" },
    );
  });
});
