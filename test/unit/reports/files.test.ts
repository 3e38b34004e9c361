import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { XMLParser } from "fast-xml-parser";
import type { CaseResult, JobResult } from "../../../lib/model/result.js";
import { renderHtml } from "../../../reports/html.js";
import { renderJson } from "../../../reports/json.js";
import { renderJunit } from "../../../reports/junit.js";
import { shellLine } from "../../../reports/shell-line.js";
import { renderTap } from "../../../reports/tap.js";
import {
  buildCase,
  buildCheck,
  buildCommand,
  buildJob,
  buildMigration,
  buildProfile,
  buildResult,
} from "../../support/build.js";
import { sampleJob, storm } from "../../support/sample-job.js";

const many = (count: number, one: (index: number) => CaseResult): JobResult =>
  buildJob(Array.from({ length: count }, (_, index) => one(index)));

describe("results.json", () => {
  it("is the job with its schema and counts on top", () => {
    const { schema, summary, ...job } = JSON.parse(renderJson(sampleJob()));
    assert.equal(schema, "migstorm-results/1");
    assert.deepEqual(summary, { cases: 9, PASS: 2, WARN: 1, SKIP: 2, CANCEL: 1, FAIL: 1, ERROR: 1, INTERRUPTED: 1 });
    assert.deepEqual(job, JSON.parse(JSON.stringify(sampleJob())));
  });
});

describe("results.xml", () => {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    isArray: (name) => name === "testcase" || name === "property",
  });
  const suiteOf = (job: JobResult) => parser.parse(renderJunit(job)).testsuites.testsuite;

  it("counts as Jenkins and GitLab count", () => {
    const { tests, failures, errors, skipped, name } = suiteOf(sampleJob());
    assert.deepEqual(
      { tests, failures, errors, skipped, name },
      { tests: "9", failures: "1", errors: "2", skipped: "3", name: "smoke" },
    );
  });

  it("gives each verdict its element", () => {
    const kinds = suiteOf(sampleJob()).testcase.map((one: Record<string, unknown>) =>
      ["failure", "error", "skipped", "system-out"].filter((kind) => kind in one).join(),
    );
    assert.deepEqual(kinds, ["", "", "failure", "system-out", "error", "skipped", "skipped", "error", "skipped"]);
  });

  it("never gives two cases of a scenario one name", () => {
    const cases = suiteOf(buildJob([buildResult(), buildResult(), buildResult()])).testcase;
    assert.deepEqual(
      cases.map(({ classname, name }: Record<string, string>) => `${classname} ${name}`),
      ["smoke smoke.orderly.precopy", "smoke smoke.orderly.precopy #2", "smoke smoke.orderly.precopy #3"],
    );
  });

  it("names seed, job and hosts, and the variants of each case", () => {
    const { properties, testcase } = suiteOf(buildJob());
    const values = Object.fromEntries(
      properties.property.map(({ name, value }: Record<string, string>) => [name, value]),
    );
    assert.equal(values.seed, "42");
    assert.equal(values.job, "ab12cd34ef56ab12cd34ef56ab12cd34ef56ab12");
    assert.equal(values["host.h2"], "Linux h2 6.1.0-25-amd64, libvirt 9.0.0, QEMU 7.2.11");
    assert.deepEqual(testcase[0].properties.property, [{ name: "variants", value: "orderly precopy" }]);
  });

  it("keeps the end of a long body, 8 KiB of it", () => {
    const checks = [buildCheck({ status: "FAIL", message: `${"ä".repeat(20_000)} the end` })];
    const body: string = suiteOf(buildJob([buildResult({ status: "FAIL", checks })])).testcase[0].failure["#text"];
    assert.ok(Buffer.byteLength(body) < 8 * 1024 + 100);
    assert.match(body, /^\[the beginning is left out\][^\ufffd]* the end$/);
  });

  it("drops the bodies rather than grow beyond 10 MB, and keeps every case", () => {
    const checks = [buildCheck({ status: "FAIL", message: "x".repeat(9_000) })];
    const xml = renderJunit(
      many(2_000, (index) => buildResult({ case: buildCase({ id: `c${index}` }), status: "FAIL", checks })),
    );
    assert.ok(Buffer.byteLength(xml) < 10_000_000);
    assert.equal(xml.match(/<failure /g)?.length, 2_000);
  });
});

describe("results.tap", () => {
  it("has a point for each case and a block for what went wrong", () => {
    const lines = renderTap(sampleJob()).split("\n");
    assert.deepEqual(lines.slice(0, 2), ["TAP version 14", "1..9"]);
    assert.equal(lines.filter((line) => line.startsWith("not ok")).length, 3);
    assert.equal(lines.filter((line) => line === "  ---").length, 4);
    assert.ok(
      lines.includes(
        "ok 6 - smoke.cross.precopy.tls # SKIP h2 has no TLS certificates: /etc/pki/libvirt-migrate is missing",
      ),
    );
  });

  it("names the profile on one line, and none where there was none", () => {
    const comments = (job: JobResult): string[] => renderTap(job).match(/^#.*/gm) ?? [];
    assert.deepEqual(comments(buildJob()), []);
    const profile = buildProfile({ name: "a#b", summary: "two\nlines", scale: { "guests.count": { set: 2 } } });
    assert.deepEqual(comments(buildJob([], { profile })), ["# profile a\\#b: two lines; guests.count: 2"]);
  });
});

describe("shellLine", () => {
  const words = [
    "plain",
    "two words",
    "it's",
    '$HOME `x` \\ "q"',
    "",
    "a\nb\tc",
    "\u001b[31m",
    "q'\u202e\\",
    "ü",
    "#!~*",
  ];
  it("is read back by bash as the same arguments", () => {
    const line = shellLine(["printf", "%s\\0", ...words]);
    assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
    const env = { ...process.env, LC_ALL: "C.UTF-8" };
    assert.equal(execFileSync("bash", ["-c", line], { encoding: "utf8", env }), `${words.join("\0")}\0`);
  });
});

describe("results.html", () => {
  const page = renderHtml(sampleJob());

  it("allows exactly its own style and script, and nothing from anywhere", () => {
    const policy = /Content-Security-Policy content="([^"]*)"/.exec(page)?.[1] ?? "";
    for (const tag of ["style", "script"]) {
      const content = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page)?.[1] ?? "";
      assert.ok(policy.includes(`${tag}-src 'sha256-${createHash("sha256").update(content).digest("base64")}'`), tag);
    }
    assert.match(policy, /^default-src 'none';/);
    assert.doesNotMatch(page, /\s(src|srcset|style|on[a-z]+)=|url\(|@import|https?:/);
    assert.deepEqual(
      [...page.matchAll(/href="?([^">]*)/g)]
        .map(([, href]) => href?.replace(/\d+/, "n"))
        .filter((href) => href !== "#case-n"),
      [],
    );
  });

  it("has every case as a row, a folded section and a target for its link", () => {
    const rows = [...page.matchAll(/<tr data-v=(\w+)[^>]*>.*?href="#(case-\d+)"/g)];
    assert.equal(rows.length, 9);
    for (const [, , target] of rows) assert.equal(page.split(`id=${target} `).length, 2, target);
    assert.equal(page.match(/<details class="case /g)?.length, 9);
  });

  it("opens on what went wrong", () => {
    const cards = [...page.matchAll(/<article class="card (\w+)">/g)].map(([, status]) => status);
    assert.deepEqual(cards, ["FAIL", "ERROR", "INTERRUPTED"]);
    assert.ok(page.indexOf("<article") < page.indexOf("<h2 id=all>"));
    assert.match(page, /longest <b>41230<\/b> ms/);
    assert.doesNotMatch(renderHtml(buildJob()), /<article/);
  });

  it("shows what was not measured as a dash, and an unending silence as a lower bound", () => {
    const { stats: _, silence: __, ...bare } = buildMigration();
    assert.match(
      renderHtml(buildJob([buildResult({ migrations: [bare] })])),
      /1\.40(<td><span class="na"[^>]*>–<\/span>){5}/,
    );
    assert.match(page, /≥ 41230/);
  });

  it("stays below 5 MB with 1,000 cases, and says what it leaves out", () => {
    const large = renderHtml(many(1_000, (index) => storm(index + 1, `orderly.precopy.v${index}`, 50)));
    assert.ok(Buffer.byteLength(large) < 5_000_000, `${Buffer.byteLength(large)} bytes`);
    assert.match(large, /… \d+ more commands in results\.json/);
  });

  it("stays small with one endless case", () => {
    const migrations = Array.from({ length: 20_000 }, (_, index) =>
      buildMigration({ leg: index + 1, startMs: index * 10, endMs: index * 10 + 9 }),
    );
    const commands = Array.from({ length: 20_000 }, (_, index) => buildCommand({ startMs: index }));
    const large = renderHtml(buildJob([buildResult({ migrations, commands })]));
    assert.ok(Buffer.byteLength(large) < 2_000_000, `${Buffer.byteLength(large)} bytes`);
    assert.match(large, /… 19500 more migrations in results\.json/);
  });

  it("says so when nothing was planned", () => assert.match(renderHtml(buildJob([])), /<h1>No case was planned<\/h1>/));
});
