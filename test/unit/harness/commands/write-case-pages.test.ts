import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { writeReports } from "../../../../harness/commands/write-reports.js";
import type { PathEvidence } from "../../../../lib/model/check.js";
import { buildCase, buildCheck, buildJob, buildProfile, buildResult } from "../../../support/build.js";
import { buildLegPath } from "../../../support/build-path.js";

const PATH: PathEvidence = {
  ...{ legs: [], totals: [], captures: [], classes: [] },
  cpu: [
    {
      ...{ host: "h1", process: "libvirt" },
      points: [
        [6_000, 0],
        [7_000, 0.2],
      ],
    },
  ],
};

describe("pages beside the reports", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-pages-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const watched = (id: string) => buildResult({ case: buildCase({ id }), path: [buildLegPath()] });
  const put = (id: string, name: string, text: string): void => {
    const path = join(folder, "test-results", id, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const pageOf = (id: string, name = "case.html"): string => join(folder, "test-results", id, name);
  const hrefs = (path: string): (string | undefined)[] =>
    [...readFileSync(path, "utf8").matchAll(/href="([^"#][^"]*)"/g)].map(([, href]) => href);
  const index = (): string => join(folder, "results.html");

  it("are written from the evidence, and the job's page points to them", async () => {
    put("a.b", "evidence.json", JSON.stringify({ path: PATH }));
    put("a.b", "undo.ndjson", "");
    const job = buildJob([buildResult(), watched("a.b")], { profile: buildProfile() });
    assert.deepEqual(await writeReports(folder, job), []);
    assert.match(readFileSync(pageOf("a.b"), "utf8"), /Profile <b>lab<.*h1: CPU, % of one core/s);
    assert.deepEqual(hrefs(index()), ["test-results/a.b/case.html"]);
    assert.deepEqual(hrefs(pageOf("a.b")), ["../../results.html#case-2", "evidence.json", "undo.ndjson"]);
    assert.ok(!existsSync(pageOf("a.b", "logs.html")));
  });

  it("lead from a verdict to the line of the log that made it", async () => {
    const lines = [{ place: "h1", line: 2 }];
    const red = { ...watched("red"), checks: [buildCheck({ check: "host-kernel-log", status: "FAIL", lines })] };
    const added = ["quiet", "BUG: bad", "quiet"].map((text) => ({ level: 4, text, atMs: 6_100 }));
    put("red", "evidence.json", JSON.stringify({ hosts: [{ host: "h1", kernelLog: { added } }] }));
    put("red", "collected/h1.txt", "== domains\n g1 running\n");
    put("red", "h2-top.log", "top - 20:00:00\n");
    assert.deepEqual(await writeReports(folder, buildJob([red])), []);
    assert.deepEqual(
      hrefs(index()).filter((href) => href?.includes("logs")),
      ["test-results/red/logs.html", "test-results/red/logs.html#h1-kernel-L2"],
    );
    assert.ok(hrefs(pageOf("red")).includes("logs.html#h1-kernel-L2"));
    assert.ok(hrefs(pageOf("red")).includes("collected/h1.txt"));
    const logs = readFileSync(pageOf("red", "logs.html"), "utf8");
    assert.match(
      logs,
      /<li id="h1-kernel-L2" class=red><a href="#h1-kernel-L2">2<\/a><code>&lt;4&gt; \[6.1 s\] BUG: bad</,
    );
    for (const anchor of ["h1-kernel-L3", "h1-collected-L2", "h2-top-L1"])
      assert.match(logs, new RegExp(`id="${anchor}"`));
  });

  it("are left out without a word where the evidence is gone, and for cases that never began", async () => {
    put("never", "evidence.json", "{}");
    const never = { ...watched("never"), phases: [] };
    assert.deepEqual(await writeReports(folder, buildJob([watched("gone"), never])), []);
    assert.ok(!existsSync(pageOf("never")));
    assert.deepEqual(hrefs(index()), []);
  });

  it("that cannot be made are told, and cost nothing else", async () => {
    put("broken", "evidence.json", '{"path": ');
    put("odd", "evidence.json", '{"path": {"captures": 3}}');
    const told = await writeReports(folder, buildJob([watched("broken"), watched("odd"), watched("../../x")]));
    assert.deepEqual(
      told.map((line) => line.replace(/ could not be written.*/, "")),
      ["the page of broken", "the page of odd", "the page of ../../x"],
    );
    assert.match(readFileSync(index(), "utf8"), /3 cases/);
  });

  it("show of a log that is larger than a page its beginning, and say so", async () => {
    put("big", "evidence.json", "{}");
    put("big", "collected/h1.txt", "x".repeat(99).concat("\n").repeat(50_000));
    assert.deepEqual(await writeReports(folder, buildJob([watched("big")])), []);
    const logs = readFileSync(pageOf("big", "logs.html"), "utf8");
    assert.match(logs, /lines left out here/);
    assert.match(logs, /805696 more bytes in the file/);
    assert.ok(Buffer.byteLength(logs) < 5_500_000, String(Buffer.byteLength(logs)));
  });
});
