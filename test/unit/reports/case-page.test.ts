import assert from "node:assert/strict";
import fc from "fast-check";
import type { Evidence, KernelLine } from "../../../lib/model/check.js";
import type { Profile } from "../../../lib/model/profile.js";
import type { CaseResult } from "../../../lib/model/result.js";
import type { Beside } from "../../../reports/beside.js";
import { type LogFile, logExcerpts, renderCaseLogs } from "../../../reports/case-logs.js";
import { renderCasePage } from "../../../reports/case-page.js";
import { marksOf } from "../../../reports/charts/marks.js";
import { progressCharts } from "../../../reports/charts/progress-lines.js";
import { WHOLE } from "../../../reports/html/budget.js";
import { keptLines } from "../../../reports/html/kept-lines.js";
import { lineAnchor } from "../../../reports/html/log-anchor.js";
import { timeline } from "../../../reports/html/timeline.js";
import { renderHtml } from "../../../reports/html.js";
import {
  buildCase,
  buildCheck,
  buildCommand,
  buildJob,
  buildLeg,
  buildMigration,
  buildProfile,
  buildResult,
} from "../../support/build.js";
import { storm } from "../../support/sample-job.js";
import { HOSTILE } from "./hostile-corpus.js";

const G1 = "ms-ab12cd3-001-g1";
const MIB = 2 ** 20;

const kernel = (...lines: (readonly [text: string, atMs?: number])[]): { readonly added: KernelLine[] } => ({
  added: lines.map(([text, atMs]) => ({ level: 4, text, ...(atMs === undefined ? {} : { atMs }) })),
});

/** One case in which everything happens that has a sign. */
const eventful = (text = "h1"): Partial<Evidence> => ({
  legs: [buildLeg()],
  migrations: [buildMigration({ guest: text === "h1" ? G1 : text })],
  events: [
    {
      atMs: 6_100,
      host: text,
      guest: text === "h1" ? G1 : text,
      event: "migration-iteration",
      detail: "iteration: '1'",
    },
    { atMs: 6_900, host: text, guest: text === "h1" ? G1 : text, event: "lifecycle", detail: "Suspended Post-copy" },
    { atMs: 6_950, host: "h2", guest: text === "h1" ? G1 : text, event: "lifecycle", detail: "Resumed Post-copy" },
  ],
  faults: [
    { do: "kill-libvirtd", host: text, leg: 1, startMs: 6_400, endMs: 6_700 },
    { do: "block-data", host: "h2", leg: 1, startMs: 6_000 },
  ],
  lostConnections: [{ atMs: 7_000, host: text === "h1" ? "storage" : text, reason: text }],
  hosts: [
    {
      host: text,
      kernelLog: kernel(
        ["Out of memory: Killed process 71 (stress-ng-vm) total-vm:1kB", 6_500],
        ["Out of memory: Killed process 72 (stress-ng-vm) total-vm:1kB"],
      ),
    },
  ],
  guests: [{ guest: "g1", expectedHost: "h1", kernelLog: { added: [{ level: 4, text }] } }],
  progress: [
    {
      ...{ leg: 1, guest: text === "h1" ? G1 : text, pageSizeBytes: 4096 },
      points: [
        [6_200, 96 * MIB, 512, 1],
        [7_200, 32 * MIB, null, 2],
      ],
    },
  ],
});

const page = (
  result: CaseResult,
  evidence: Partial<Evidence>,
  files: readonly string[] = [],
  profile?: Profile,
): string => renderCasePage(result, { evidence, files, number: 7, profile });

describe("what happened at a moment", () => {
  const marks = marksOf(eventful());

  it("is told in the order of time, each switch to postcopy once", () =>
    assert.deepEqual(
      marks.map(({ kind, place, atMs, endMs }) => [kind, place, atMs, endMs]),
      [
        ["fault", "h2", 6_000, 7_400],
        ["fault", "h1", 6_400, 6_700],
        ["oom", "h1", 6_500, undefined],
        ["postcopy", G1, 6_900, undefined],
        ["lost", "storage", 7_000, undefined],
      ],
    ));

  it("has a sign on the lane of its guest or machine, and a legend of the signs that are there", () => {
    const drawn = timeline(buildResult(), WHOLE, marks);
    assert.deepEqual(
      [...drawn.matchAll(/class=g>([^<]+)</g)].map(([, name]) => name),
      [G1, "h1", "h2", "storage"],
    );
    assert.equal(drawn.match(/<g class="mk \w+"><title>/g)?.length, 5);
    assert.match(drawn, /h1: leg 1: libvirt&#39;s daemon is killed and started again for 0.30 s/);
    assert.match(drawn, /<ul class="lg mks">.*switch to postcopy.*made to go wrong.*connection lost.*OOM killer/);
    assert.doesNotMatch(timeline(buildResult(), WHOLE), /mks/);
  });

  it("has no word in the legend for what is not drawn, but how much that is", () => {
    const terse = timeline(buildResult(), { ...WHOLE, isTerse: true }, marks);
    assert.equal(terse.match(/<g class="mk \w+"><title>/g)?.length, 1);
    assert.match(terse, /switch to postcopy<li>4 more in evidence\.json<\/ul>/);
    assert.doesNotMatch(terse, /made to go wrong|connection lost|OOM killer/);
  });

  it("is not there in evidence of older versions, nor where a log has no times", () => {
    assert.deepEqual(marksOf({}), []);
    assert.deepEqual(marksOf({ hosts: [{ host: "h1", kernelLog: { lost: "gone" } }] }), []);
  });
});

describe("how migrations went on", () => {
  it("is drawn in MiB and MiB a second, with the passes as ticks", () => {
    const [remaining, dirty] = progressCharts(eventful());
    assert.deepEqual(remaining?.lines[0]?.points, [
      [6_200, 96],
      [7_200, 32],
      [7_200, null],
    ]);
    assert.deepEqual(dirty?.lines[0]?.points, [
      [6_200, 2],
      [7_200, null],
      [7_200, null],
    ]);
    assert.equal(dirty?.title, "Dirty rate, MiB/s");
    assert.deepEqual(remaining?.ticks, [{ ms: 6_100, text: `${G1}: pass 1` }]);
  });

  it("keeps to pages a second where the size of one is not known of all", () => {
    const [known] = eventful().progress ?? [];
    const { pageSizeBytes: _, ...unknown } = known!;
    const [, dirty] = progressCharts({ progress: [known!, { ...unknown, leg: 2 }] });
    assert.equal(dirty?.title, "Dirty rate, pages/s");
    assert.deepEqual([dirty?.lines[0]?.points[0]?.[1], dirty?.lines[0]?.points[3]?.[1]], [512, 512]);
  });
});

describe("the page of a case", () => {
  it("has lanes, charts, checks, migrations and every command, and loads nothing", () => {
    const commands = Array.from({ length: 3_000 }, (_, index) =>
      buildCommand({ argv: ["virsh", "domstate", `g${index}`], startMs: 100 + index }),
    );
    const html = page(buildResult({ commands }), eventful(), ["evidence.json", "collected/h1.txt", "a b", "../x"]);
    assert.equal(html.match(/<figure class=ch>/g)?.length, 3);
    assert.equal(html.match(/virsh domstate g\d+</g)?.length, 3_000);
    assert.match(html, /href="..\/..\/results.html#case-7"/);
    assert.deepEqual(
      [...html.matchAll(/<li><a href="([^"]*)">/g)].map(([, href]) => href),
      ["evidence.json", "collected/h1.txt"],
    );
    assert.match(
      html,
      /Content-Security-Policy content="default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'"/,
    );
    assert.doesNotMatch(html, /<script|\s(src|style|on[a-z]+)=|url\(|@import|https?:/);
    assert.doesNotMatch(html, /NaN|Infinity|undefined/);
  });

  it("says with which profile the case ran, and nothing where it ran with none", () => {
    assert.match(
      page(buildResult(), {}, [], buildProfile()),
      /<p class=more>Profile <b>lab<\/b> Small guests, one round <small>guests\.memory: × 0\.0625, at least 160MiB; movement\.rounds: at most 1<\/small><\/p>/,
    );
    assert.doesNotMatch(page(buildResult(), {}), /Profile/);
  });

  it("stays below two megabytes whatever a case did", () => {
    const commands = Array.from({ length: 20_000 }, () => buildCommand({ argv: ["sh", "-c", "x".repeat(3_000)] }));
    const html = page(buildResult({ commands }), {});
    assert.ok(Buffer.byteLength(html) < 2_000_000, String(Buffer.byteLength(html)));
    assert.match(html, /more commands in results.json/);
  });
});

describe("the logs of a case", () => {
  const red = buildResult({
    checks: [buildCheck({ check: "host-kernel-log", status: "FAIL", lines: [{ place: "h1", line: 2 }] })],
  });
  const file = (text: string): LogFile => ({ place: "h1", log: "collected", text });

  it("have an anchor for each line, and mark those that made a check red", () => {
    const html = renderCaseLogs(red, eventful(), [file("== domains\n g1\n")]) ?? "";
    assert.deepEqual(
      [...html.matchAll(/<li id="([^"]+)"/g)].map(([, id]) => id),
      ["h1-kernel-L1", "h1-kernel-L2", "g1-kernel-L1", "h1-collected-L1", "h1-collected-L2"],
    );
    assert.deepEqual(
      [...html.matchAll(/<li id="([^"]+)" class=red>/g)].map(([, id]) => id),
      ["h1-kernel-L2"],
    );
    assert.doesNotMatch(html, /<script|\s(src|style|on[a-z]+)=|url\(|@import|https?:/);
  });

  it("are no page when nothing was said, and say what was lost", () => {
    assert.equal(renderCaseLogs(buildResult(), {}, []), undefined);
    const lost = { hosts: [{ host: "h1", kernelLog: { lost: "the mark is gone" } }] };
    assert.equal(renderCaseLogs(buildResult(), lost, []), undefined);
    assert.match(renderCaseLogs(buildResult(), lost, [file("x")]) ?? "", /lost: the mark is gone/);
  });

  it("say how many lines of a log were not kept", () => {
    const hosts = [{ host: "h1", kernelLog: { added: [{ level: 6, text: "x" }], leftOutLines: 77 } }];
    assert.match(renderCaseLogs(buildResult(), { hosts }, []) ?? "", /77 more lines were not kept/);
  });

  it("are cut where a line is very long, and send nobody to a file that does not have it", () => {
    const hosts = [{ host: "h1", kernelLog: { added: [1, 2].map(() => ({ level: 6, text: "x".repeat(900) })) } }];
    for (const html of [renderCaseLogs(red, { hosts }, []) ?? "", logExcerpts(red, { hosts })]) {
      assert.equal(html.match(/x{500,600}…<\/code>/g)?.length, 2);
      assert.doesNotMatch(html, /results\.json<\/code>|x{700}/);
    }
  });

  it("go with mail as the lines that are pointed to and what stands around them", () => {
    const added = Array.from({ length: 50 }, (_, index) => ({ level: 6, text: `line <${index + 1}>` }));
    const html = logExcerpts(red, { hosts: [{ host: "h1", kernelLog: { added } }] });
    assert.deepEqual(
      [...html.matchAll(/line &lt;(\d+)&gt;/g)].map(([, line]) => Number(line)),
      [1, 2, 3, 4, 5],
    );
    assert.equal(html.match(/class=red/g)?.length, 1);
    assert.equal(logExcerpts(buildResult(), { hosts: [{ host: "h1", kernelLog: { added } }] }), "");
  });

  it("keep what fits: pointed lines before all, then beginning and end", () => {
    const sizes = Array.from({ length: 1_000 }, () => 10);
    const kept = keptLines(sizes, new Set([500]), 600);
    assert.deepEqual(kept.slice(0, 2), [1, 2]);
    assert.deepEqual(kept.slice(-2), [999, 1_000]);
    for (let line = 490; line <= 510; line += 1) assert.ok(kept.includes(line));
    assert.equal(kept.length, 60);
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { maxLength: 200 }),
        fc.uniqueArray(fc.integer({ min: -5, max: 220 }), { maxLength: 10 }),
        fc.nat(3_000),
        (some, pointed, bytes) => {
          const lines = keptLines(some, new Set(pointed), bytes);
          assert.ok(lines.reduce((sum, line) => sum + (some[line - 1] ?? Number.NaN), 0) <= bytes);
          assert.ok(lines.every((line, index) => index === 0 || line > (lines[index - 1] ?? 0)));
        },
      ),
    );
  });
});

describe("the job's page with pages beside it", () => {
  const many = (count: number): CaseResult[] =>
    Array.from({ length: count }, (_, index) => {
      const one = storm(index + 1, `orderly.precopy.v${index + 1}`);
      return index % 10 === 0 ? { ...one, status: "FAIL" as const } : one;
    });
  const beside = (cases: readonly CaseResult[]): Beside => ({
    cases: new Map(cases.map((result) => [result.case.id, { hasLogs: true, marks: marksOf(eventful()) }])),
  });
  const detail = (html: string, number: number): string =>
    html.slice(
      html.indexOf(`<div id=case-${number} `),
      html.indexOf("</details>", html.indexOf(`<div id=case-${number} `)),
    );

  it("tells few cases in full, for they may go out by mail", () => {
    const cases = many(20);
    const html = renderHtml(buildJob(cases), beside(cases));
    assert.equal(html.match(/<details class=cmds>/g)?.length, 20);
    assert.equal(html.match(/class="tl"|<div class=tl>/g)?.length, 20);
    assert.equal(html.match(/href="test-results\/[^"#]+\/case.html"/g)?.length, 20);
  });

  it("leaves to them, of many cases, what passed ones were like and all commands", () => {
    const cases = many(1_000);
    const html = renderHtml(buildJob(cases), beside(cases));
    assert.doesNotMatch(html, /<details class=cmds>/);
    assert.match(detail(html, 1), /<div class=tl>.*<g class="mk fault">.*<table class=mig>/s);
    assert.doesNotMatch(detail(html, 2), /<svg|<table/);
    assert.match(detail(html, 2), /PASS: outcome, .*leftovers/);
    assert.match(detail(html, 2), /href="test-results\/smoke.orderly.precopy.v2\/case.html".*logs.html"/);
    assert.ok(Buffer.byteLength(html) < 2_500_000, String(Buffer.byteLength(html)));
  });

  it("tells them itself where there is no page beside it", () =>
    assert.equal(renderHtml(buildJob(many(150))).match(/<details class=cmds>/g)?.length, 150));
});

describe("pages of hostile hosts and guests", () => {
  const skeleton = (html: string): readonly (readonly string[])[] =>
    [...html.slice(html.indexOf("<body>")).matchAll(/<(\/?[a-z][a-z0-9]*)((?:[^>"]|"[^"]*")*)>/g)]
      .filter(([, tag]) => !/^\/?(text|a)$/.test(tag ?? ""))
      .map(([, tag = "", rest = ""]) => [
        tag,
        ...[...rest.replace(/"[^"]*"/g, "").matchAll(/([a-z-]+)=/g)].map(([, name = ""]) => name),
      ]);
  const told = (text: string): CaseResult =>
    buildResult({
      case: buildCase({ id: text }),
      migrations: [buildMigration({ guest: text, source: text, target: text })],
      legs: [buildLeg({ moves: [{ guest: text, from: text, to: text }] })],
      checks: [buildCheck({ status: "FAIL", message: text, lines: [{ place: text, line: 1 }] })],
      commands: [buildCommand({ host: text, argv: [text], what: text, stderr: text, exitCode: 1 })],
    });
  const noLines = (text: string): string => text.replace(/\n/g, " ");
  const both = (text: string): string =>
    [
      page(
        told(text),
        eventful(text),
        ["evidence.json", "logs.html", `<${text}>`],
        buildProfile({ name: text, summary: text, scale: { [text]: { set: text } } }),
      ),
      renderCaseLogs(told(text), eventful(text), [{ place: text, log: "top", text: noLines(`${text}.`) }]) ?? "",
      logExcerpts(told(text), eventful(text)),
    ].join("\n");

  it("have no element and no attribute more than any others", () => {
    const expected = skeleton(both("plain"));
    assert.ok(expected.length > 200);
    for (const text of HOSTILE.filter((one) => !["h1", "h2", "g1", "host"].includes(one))) {
      const html = both(text);
      assert.deepEqual(skeleton(html), expected, JSON.stringify(text.slice(0, 60)));
      assert.equal(html.match(/<script/gi), null, JSON.stringify(text.slice(0, 60)));
    }
  });

  it("have anchors and links of harmless characters only", () => {
    for (const text of HOSTILE) {
      assert.match(lineAnchor({ place: text, log: "kernel" }, 3), /^[A-Za-z0-9._-]{1,100}-L3$/);
      for (const [, href = ""] of both(text).matchAll(/href="([^"]*)"/g))
        assert.match(href, /^[A-Za-z0-9._/#-]+$/, JSON.stringify(text.slice(0, 60)));
    }
  });
});
