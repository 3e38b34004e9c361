import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { byEarlier } from "../../../../harness/commands/earlier.js";
import type { Status } from "../../../../lib/model/status.js";
import { renderJson } from "../../../../reports/json.js";
import { buildCase, buildJob, buildResult } from "../../../support/build.js";

describe("harness/commands/earlier", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "migstorm-earlier-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function job(
    name: string,
    verdicts: Readonly<Record<string, Status>>,
    startedAt = "2026-11-21T06:00:00.000Z",
  ): string {
    const cases = Object.entries(verdicts).map(([id, status]) => buildResult({ case: buildCase({ id }), status }));
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, "results.json"), renderJson(buildJob(cases, { startedAt })));
    return join(root, name);
  }
  const ALL: Readonly<Record<string, Status>> = {
    ...{ passed: "PASS", warned: "WARN", failed: "FAIL", erred: "ERROR" },
    ...{ cut: "INTERRUPTED", skipped: "SKIP", cancelled: "CANCEL" },
  };
  const cases = [...Object.keys(ALL), "new"].map((id) => buildCase({ id }));
  const ids = async (...args: Parameters<typeof byEarlier>): Promise<string[]> =>
    (await byEarlier(...args)).map(({ id }) => id);

  it("leaves what failed, erred or was cut off, in the order that was asked for", async () => {
    const dir = job("job-a", ALL);
    assert.deepEqual(await ids(cases, { lastFailed: dir }), ["failed", "erred", "cut"]);
    assert.deepEqual(await ids([...cases].reverse(), { lastFailed: dir }), ["cut", "erred", "failed"]);
  });

  it("puts it first, and drops nothing", async () => {
    const told = await ids(cases, { failedFirst: job("job-a", ALL) });
    assert.deepEqual(told, ["failed", "erred", "cut", "passed", "warned", "skipped", "cancelled", "new"]);
    assert.deepEqual(
      await ids(cases, { failedFirst: job("job-b", { passed: "PASS" }) }),
      cases.map(({ id }) => id),
    );
  });

  it("takes the latest job of the results where no folder is named", async () => {
    job("job-a", ALL);
    symlinkSync("job-a", join(root, "latest"));
    assert.deepEqual(await ids(cases, { lastFailed: true, resultsDir: root }), ["failed", "erred", "cut"]);
  });

  it("of a soak each case's last verdict counts, whatever the names of its passes are", async () => {
    job("soak-a/job-2", { failed: "FAIL", erred: "FAIL", cut: "FAIL" }, "2026-11-21T06:00:01.000Z");
    job("soak-a/job-1", { failed: "PASS", erred: "SKIP", cut: "FAIL" }, "2026-11-21T06:00:02.000Z");
    mkdirSync(join(root, "soak-a/job-3"));
    writeFileSync(join(root, "soak-a/soak.json"), "{}");
    assert.deepEqual(await ids(cases, { lastFailed: join(root, "soak-a") }), ["erred", "cut"]);
  });

  it("is an error when nothing failed, none of it is selected, or there is no such job", async () => {
    const bad = (message: RegExp) => ({ code: "bad-input", message });
    await assert.rejects(
      byEarlier(cases, { lastFailed: job("job-b", { passed: "PASS" }) }),
      bad(/^no case failed in /),
    );
    const other = job("job-c", { other: "FAIL" });
    await assert.rejects(
      byEarlier(cases, { lastFailed: other }),
      bad(/^none of the 1 cases that failed in .* selected$/),
    );
    await assert.rejects(byEarlier(cases, { lastFailed: join(root, "none") }), bad(/there is no such folder$/));
    await assert.rejects(byEarlier(cases, { failedFirst: "smoke.yaml" }), bad(/put the option last$/));
    await assert.rejects(byEarlier(cases, { failedFirst: other, lastFailed: other }), bad(/say one of them$/));
  });
});
