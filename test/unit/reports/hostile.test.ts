import assert from "node:assert/strict";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { liveLine } from "../../../reports/console/live-line.js";
import { widthOf } from "../../../reports/console/safe-text.js";
import { caseLine, jobFooter, jobHeader, liveConsole } from "../../../reports/console.js";
import { renderCtrf } from "../../../reports/ctrf.js";
import { renderHtml } from "../../../reports/html.js";
import { renderJson } from "../../../reports/json.js";
import { renderJunit } from "../../../reports/junit.js";
import { renderStepSummary } from "../../../reports/step-summary.js";
import { renderTap } from "../../../reports/tap.js";
import { stampEvents } from "../../support/build.js";
import { assertCtrf } from "./ctrf-form.js";
import { HOSTILE, jobOf } from "./hostile-corpus.js";

const CASES = jobOf("").cases.length;
const UNSEEN_BUT_LINE_ENDS = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u;

/** Names a text in a message, short enough to read. */
const shown = (text: string): string => JSON.stringify(text.slice(0, 60));

describe("hostile text", () => {
  it("the corpus is not a handful", () => assert.ok(new Set(HOSTILE).size >= 100));

  it("makes no element and no attribute on the page", () => {
    const expected = skeleton(renderHtml(jobOf("plain")));
    for (const text of HOSTILE) {
      const page = renderHtml(jobOf(text));
      assert.deepEqual(skeleton(page), expected, shown(text));
      assert.equal(page.match(/<script/gi)?.length, 1, shown(text));
      const style = page.slice(0, page.indexOf("<header>"));
      assert.doesNotMatch(page.slice(style.length, page.lastIndexOf("<script>")), UNSEEN_BUT_LINE_ENDS, shown(text));
    }
  });

  it("leaves the XML well-formed, with every case in it", () => {
    const parser = new XMLParser({ ignoreAttributes: false });
    for (const text of HOSTILE) {
      const xml = renderJunit(jobOf(text));
      assert.equal(XMLValidator.validate(xml), true, shown(text));
      assert.doesNotMatch(xml, UNSEEN_BUT_LINE_ENDS, shown(text));
      assert.equal(parser.parse(xml).testsuites.testsuite.testcase.length, CASES, shown(text));
    }
  });

  it("leaves exactly the planned points in TAP, each with its verdict", () => {
    const expected = renderTap(jobOf("plain"));
    for (const text of HOSTILE) {
      const lines = renderTap(jobOf(text)).split("\n");
      const points = lines.filter((line) => /^(not )?ok\b/.test(line));
      assert.deepEqual(
        points.map((line) => [line.split(" - ")[0], /[^\\]# SKIP/.test(line)]),
        expected
          .split("\n")
          .filter((line) => /^(not )?ok\b/.test(line))
          .map((line) => [line.split(" - ")[0], /[^\\]# SKIP/.test(line)]),
        shown(text),
      );
      for (const line of lines)
        assert.match(line, /^(TAP version 14|1\.\.\d+|# profile .*|(not )?ok \d+ - .*| {2}.*|)$/, shown(text));
      assert.equal(lines.filter((line) => line.startsWith("#")).length, 1, shown(text));
      assert.doesNotMatch(lines.join(""), UNSEEN_BUT_LINE_ENDS, shown(text));
    }
  });

  it("comes out of the JSON as it went in, and shows no control character on the way", () => {
    for (const text of HOSTILE) {
      const json = renderJson(jobOf(text));
      assert.equal(JSON.parse(json).cases[0].case.id, text);
      assert.doesNotMatch(json, /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u, shown(text));
    }
  });

  it("keeps its place in the CTRF report, without a character that cannot be seen", () => {
    for (const text of HOSTILE) {
      const json = renderCtrf(jobOf(text));
      assertCtrf(JSON.parse(json), shown(text));
      assert.equal(JSON.parse(json).results.tests.length, CASES, shown(text));
      JSON.parse(json, (_, value) => {
        if (typeof value === "string") assert.doesNotMatch(value, UNSEEN_BUT_LINE_ENDS, shown(text));
      });
    }
  });

  it("makes no line, cell, element, link or order in the summary of a CI step", () => {
    const frame = (markdown: string) =>
      markdown.split("\n").map((line) => line.replace(/(<code>).*?(<\/code>)/g, "$1$2").replace(/[^|<>]/g, ""));
    const expected = frame(renderStepSummary(jobOf("plain")));
    for (const text of HOSTILE) {
      const markdown = renderStepSummary(jobOf(text));
      assert.deepEqual(frame(markdown), expected, shown(text));
      assert.doesNotMatch(markdown, UNSEEN_BUT_LINE_ENDS, shown(text));
      const foreign = markdown.replace(/^#+ .*$/gm, "").replaceAll("`results.html`", "");
      assert.doesNotMatch(foreign.replace(/&#\d+;/g, ""), /[`*_[\]\\~!$@#{}()]|:\/|::|www\.|&/, shown(text));
      assert.doesNotMatch(foreign.replace(/<\/?code>/g, ""), /[<>]/, shown(text));
    }
  });

  it("gives two ids that look the same two names in the XML", () => {
    const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "" });
    for (const text of HOSTILE) {
      const cases: { name: string }[] = parser.parse(renderJunit(jobOf(text))).testsuites.testsuite.testcase;
      assert.equal(new Set(cases.map(({ name }) => name)).size, CASES, shown(text));
      assert.ok(cases.every(({ name }) => name.length > 0));
    }
  });

  it("does nothing to a terminal and gives a CI server no order", () => {
    for (const text of HOSTILE) {
      const printed = consoleOf(text);
      assert.doesNotMatch(printed.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}]/u, shown(text));
      assert.doesNotMatch(printed, /##(\[|vso\[|teamcity\[)|section_(start|end):/i, shown(text));
      assert.doesNotMatch(printed, /^\s*::/m, shown(text));
      assert.equal(printed.split("\n").length, consoleOf("plain").split("\n").length, shown(text));
    }
  });

  it("fits the live line into the terminal", () => {
    for (const text of HOSTILE)
      for (const columns of [0, 1, 5, 20, 40, 80, 200]) {
        const line = liveLine(
          { caseId: text, phase: text, guest: text, index: 1, total: 6, elapsedMs: 1, remainingBytes: 1 },
          columns,
        );
        assert.ok(widthOf(line) < Math.max(columns, 1), `${columns}: ${shown(text)}`);
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}]/u, shown(text));
      }
  });
});

/** How often each element and each attribute occurs; labels in a drawing depend on how long a text is. */
function skeleton(page: string): Record<string, number> {
  const counts: Record<string, number> = {};
  const body = page.slice(page.indexOf("</head>"), page.lastIndexOf("<script>"));
  for (const [tag] of body.matchAll(/<\/?[a-z!?][^>]*>/gi)) {
    const words = tag.replace(/"[^"]*"/g, '""').match(/<\/?[a-z0-9]+|\s[a-z-]+(?==|\s|>)/gi) ?? [tag];
    if (/^<\/?text/.test(tag)) continue;
    for (const word of words) counts[word.trim()] = (counts[word.trim()] ?? 0) + 1;
  }
  return counts;
}

function consoleOf(text: string): string {
  const job = jobOf(text);
  const lines: string[] = [];
  const live = liveConsole({
    caseIds: [text],
    isTty: false,
    columns: () => undefined,
    hasColour: false,
    write: (out) => lines.push(out),
  });
  const [first] = job.cases;
  for (const event of stampEvents([
    { type: "case-started", caseId: text },
    { type: "step-started", caseId: text, step: text },
    { type: "connection-lost", host: text, reason: text },
  ]))
    live.event(event);
  live.tick(70_000);
  if (first !== undefined) for (const event of stampEvents([{ type: "case-ended", result: first }])) live.event(event);
  return [
    jobHeader({ jobId: text, jobLog: text, profile: jobOf(text).profile }),
    ...job.cases.map((result, index) => caseLine(index + 1, CASES, result)),
    ...lines.map((line) => line.replace(/\n$/, "")),
    jobFooter(job, { html: text }),
  ].join("\n");
}
