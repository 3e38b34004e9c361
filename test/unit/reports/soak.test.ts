import assert from "node:assert/strict";
import { passLine, soakFooter, soakHeader } from "../../../reports/console/soak-lines.js";
import { renderSoakHtml } from "../../../reports/soak-html.js";
import { renderSoakJson } from "../../../reports/soak-json.js";
import { buildFigure, buildPass, buildProfile, buildSoak } from "../../support/build.js";
import { HOSTILE } from "./hostile-corpus.js";

const grown = buildFigure({
  last: 43_000,
  trend: { word: "grows", passes: 9, perPass: 1_024.4, perHour: 30_732, chance: 0.0001 },
});

describe("the report of a soak", () => {
  const soak = buildSoak({
    profile: buildProfile(),
    exitCode: 1,
    passes: [
      buildPass({ kept: "gone" }),
      buildPass({ pass: 2, kept: "reduced" }),
      buildPass({ pass: 3, exitCode: 1, counts: { ...buildPass().counts, FAIL: 1 } }),
      buildPass({ pass: 4, exitCode: 2, reason: "h1: no answer" }),
    ],
    figures: [
      grown,
      buildFigure({ where: "h2" }),
      buildFigure({ what: "domains", trend: { word: "too-few", passes: 4 } }),
    ],
  });

  it("names what grows on its top, and says where that cannot be told", () => {
    const page = renderSoakHtml(soak);
    assert.match(page, /<h1>2 of 4 passes not OK; 1 figure grows<\/h1>/);
    assert.match(page, /<li>h1: libvirtd memory <b>\+1024 KiB<\/b> a pass/);
    assert.match(page, /<td>domains.*not enough passes to tell/);
    assert.match(page, /<th scope=row>h2<td>libvirtd memory.*does not grow/);
    assert.match(page, /30\.3 MiB<td class=n>42\.0 MiB<td class=n>\+1024 KiB<td class=n>\+30732 KiB<td class=n>9/);
  });

  it("counts the passes that have no line any more", () => {
    const counts = { ...buildPass().counts, PASS: 17, FAIL: 1 };
    const long = buildSoak({ earlier: { passes: 9, ok: 8, durationMs: 110_790, exitCode: 1, counts } });
    const page = renderSoakHtml(long);
    assert.match(page, /<h1>1 of 11 passes not OK<\/h1>/);
    assert.match(page, /And 9 earlier of which nothing is kept, 8 of them OK: 17 PASS, 1 FAIL</);
    assert.match(soakFooter(long, { html: "soak.html" }), /^SOAK {7}: 10 of 11 passes OK$/m);
  });

  it("links each pass to what is left of it", () => {
    const page = renderSoakHtml(soak);
    assert.deepEqual(
      [...page.matchAll(/href="\.\/job-[^/]*(\d)\/([^"]*)"/g)].map(([, pass, file]) => [pass, file]),
      [
        ["2", "results.json"],
        ["3", "results.html"],
      ],
    );
    assert.match(page, /2 PASS, 1 FAIL/);
    assert.match(page, /h1: no answer/);
  });

  it("says that all is well, that nothing is over, and that it was cut off", () => {
    assert.match(renderSoakHtml(buildSoak()), /<h1>2 passes, all OK<\/h1>/);
    const { ended: _, ...running } = buildSoak({ passes: [], figures: [] });
    assert.match(renderSoakHtml(running), /No pass is over yet[\s\S]*still running, or cut off/);
  });

  it("stays small with ten thousand passes, and shows those that went wrong", () => {
    const passes = Array.from({ length: 10_000 }, (_, index) =>
      buildPass({ pass: index + 1, exitCode: index === 3 ? 1 : 0 }),
    );
    const page = renderSoakHtml(buildSoak({ passes }));
    assert.ok(page.length < 500_000, String(page.length));
    assert.match(page, /<th scope=row>4<td><b class="b FAIL">NOT OK/);
    assert.match(page, /<th scope=row>10000<td>/);
    assert.match(page, /All 10000 are in soak\.json/);
  });

  it("makes no element of foreign text, and shows no control character", () => {
    const of = (text: string) =>
      buildSoak({
        soakId: text,
        version: text,
        argv: [text],
        hosts: [text],
        ended: text,
        profile: buildProfile({ name: text, summary: text, scale: { [text]: { set: text } } }),
        passes: [buildPass({ jobId: text }), buildPass({ jobId: text, reason: text })],
        figures: [{ ...grown, where: text, what: text }],
      });
    const tags = (page: string): string[] => [...page.matchAll(/<[a-z/!][^\s>]*/gi)].map(([tag]) => tag);
    const expected = tags(renderSoakHtml(of("plain")));
    for (const text of HOSTILE) {
      assert.deepEqual(tags(renderSoakHtml(of(text))), expected, JSON.stringify(text.slice(0, 60)));
      assert.equal(JSON.parse(renderSoakJson(of(text))).soakId, text);
      const lines = [soakHeader({ soakId: text, folder: text, cases: 2 }), soakFooter(of(text), { html: text })];
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(lines.join("\n"), /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    }
  });

  it("shows a dash for what was not measured, and never a hole", () => {
    const page = renderSoakHtml(soak);
    assert.doesNotMatch(page, /undefined|NaN|\[object/);
    assert.match(page, /<td>domains(?:<td class=n>[^<]*){2}<td class=n><span class="na"/);
  });
});

describe("the console of a soak", () => {
  it("ends with what grows", () => {
    const lines = soakFooter(buildSoak({ figures: [grown, buildFigure()] }), { html: "/r/soak.html" }).split("\n");
    assert.deepEqual(lines, [
      "SOAK       : 2 of 2 passes OK",
      "ENDED      : all passes were run",
      "GROWS      : h1 libvirtd memory: 30.3 MiB -> 42.0 MiB, +1024 KiB a pass",
      "WATCHED    : 2 figures; growing: 1; too few passes to tell: 0",
      "SOAK TIME  : 3600.00 s",
      "SOAK HTML  : /r/soak.html",
    ]);
  });
  it("counts the passes", () =>
    assert.deepEqual([passLine(3, undefined), passLine(3, 8)], ["SOAK PASS  : 3", "SOAK PASS  : 3 of 8"]));
});
