import { createHash } from "node:crypto";
import type { PassSummary, SoakSummary, TrendWord, WatchedFigure } from "../lib/model/soak.js";
import type { Status } from "../lib/model/status.js";
import { foremost } from "./html/budget.js";
import { escapeHtml } from "./html/escape.js";
import { NOT_MEASURED, plural, span } from "./html/format.js";
import { STYLE } from "./html/style.js";
import { scaleTexts } from "./scale-text.js";
import { shellLine } from "./shell-line.js";
import { countsText, figureText, growing, passCounts, passIsOk, slopeText, TREND_WORDS } from "./soak-text.js";

/** Passes that the page shows: those that went wrong, then the latest. The rest is in soak.json. */
const SHOWN_PASSES = 500;

/** The soak as one page that needs nothing beside it: what grows, every watched figure, every pass. */
export const renderSoakHtml = (soak: SoakSummary): string =>
  [
    "<!doctype html>",
    '<html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width, initial-scale=1">',
    `<meta http-equiv=Content-Security-Policy content="${POLICY}">`,
    '<meta name=referrer content=no-referrer><meta name=color-scheme content="light dark">',
    `<title>migstorm soak ${escapeHtml(soak.soakId.slice(-7))}: ${headline(soak)}</title>`,
    `<style>${STYLE}</style></head><body>`,
    `<header><p class=over>migstorm ${escapeHtml(soak.version)} · soak <code>${escapeHtml(soak.soakId.slice(-7))}</code></p>`,
    `<h1>${headline(soak)}</h1>`,
    alarm(soak),
    facts(soak),
    "</header><main>",
    figuresTable(soak.figures),
    passesTable(soak),
    "</main></body></html>",
    "",
  ].join("\n");

function headline(soak: SoakSummary): string {
  const { all, ok } = passCounts(soak);
  const wrong = all - ok;
  const grow = growing(soak).length;
  const passes = `${all} pass${all === 1 ? "" : "es"}`;
  if (all === 0) return "No pass is over yet";
  return [
    wrong === 0 ? `${passes}, all OK` : `${wrong} of ${passes} not OK`,
    ...(grow === 0 ? [] : [`${plural(grow, "figure")} ${grow === 1 ? "grows" : "grow"}`]),
  ].join("; ");
}

function alarm(soak: SoakSummary): string {
  const grows = growing(soak);
  if (grows.length === 0) return "";
  const items = grows.map(
    (figure) =>
      `<li>${escapeHtml(`${figure.where}: ${figure.what}`, 300)} <b>${slopeText(figure, figure.trend.perPass) ?? ""}</b> a pass`,
  );
  return `<div class=alarm><p>Grows beyond its noise, from pass to pass:</p><ul>${items.join("")}</ul></div>`;
}

const facts = ({ soakId, startedAt, durationMs, ended, seed, argv, hosts, cases, profile }: SoakSummary): string =>
  `<dl class=facts>${[
    ["Started", escapeHtml(startedAt.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC"))],
    ["Took", span(durationMs)],
    ["Ended", ended === undefined ? "still running, or cut off" : escapeHtml(ended, 500)],
    ["Soak", `<code>${escapeHtml(soakId)}</code>`],
    ["Cases of a pass", String(cases)],
    ["Hosts", escapeHtml(hosts.join(", "))],
    ["Seed", `<code>${seed}</code>`],
    ["Command", `<code>${escapeHtml(shellLine(argv))}</code>`],
    ...(profile === undefined
      ? []
      : [
          [
            "Profile",
            `<b>${escapeHtml(profile.name)}</b> <small>${escapeHtml(scaleTexts(profile).join("; "))}</small>`,
          ],
        ]),
  ]
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
    .join("")}</dl>`;

const TREND_COLOURS: Readonly<Record<TrendWord, Status>> = { grows: "FAIL", steady: "PASS", "too-few": "SKIP" };

const figuresTable = (figures: readonly WatchedFigure[]): string =>
  [
    "<section aria-labelledby=watched><h2 id=watched>What was watched between the passes</h2>",
    `<div class=wide><table><thead><tr>${headOf(["Where", "What"], ["First", "Last", "A pass", "An hour", "Passes compared", "By chance", "Started anew"])}<th scope=col>Trend</thead><tbody>`,
    ...figures.map(figureRow),
    "</tbody></table></div></section>",
  ].join("\n");

function figureRow(figure: WatchedFigure): string {
  const { where, what, first, last, restarts, trend } = figure;
  const numbers = [
    figureText(figure, first),
    figureText(figure, last),
    slopeText(figure, trend.perPass) ?? NOT_MEASURED,
    slopeText(figure, trend.perHour) ?? NOT_MEASURED,
    String(trend.passes),
    trend.chance?.toFixed(4) ?? NOT_MEASURED,
    String(restarts),
  ];
  return `<tr><th scope=row>${escapeHtml(where, 200)}<td>${escapeHtml(what, 200)}${numbers.map((number) => `<td class=n>${number}`).join("")}<td><b class="b ${TREND_COLOURS[trend.word]}">${TREND_WORDS[trend.word]}</b>`;
}

function passesTable({ passes, earlier }: SoakSummary): string {
  const shown = foremost(passes, SHOWN_PASSES, (pass) => pass.pass + (passIsOk(pass) ? 0 : 1e9));
  return [
    "<section aria-labelledby=passes><h2 id=passes>Passes</h2>",
    `<div class=wide><table><thead><tr>${headOf(["Pass", "", "Verdicts", "Job"], ["Took", "Exit code"])}</thead><tbody>`,
    ...shown.map(passRow),
    "</tbody></table></div>",
    ...(shown.length === passes.length ? [] : [`<p class=more>All ${passes.length} are in soak.json</p>`]),
    ...(earlier === undefined
      ? []
      : [
          `<p class=more>And ${earlier.passes} earlier of which nothing is kept, ${earlier.ok} of them OK: ${countsText(earlier)}</p>`,
        ]),
    "</section>",
  ].join("\n");
}

function passRow(pass: PassSummary): string {
  const ok = passIsOk(pass);
  const why = pass.reason === undefined ? "" : `<small class=t>${escapeHtml(pass.reason, 300)}</small>`;
  return `<tr><th scope=row>${pass.pass}<td><b class="b ${ok ? "PASS" : "FAIL"}">${ok ? "OK" : "NOT OK"}</b><td>${countsText(pass)}${why}<td>${jobLink(pass)}<td class=n>${span(pass.durationMs)}<td class=n>${pass.exitCode}`;
}

function jobLink({ jobId, kept, reason }: PassSummary): string {
  const name = escapeHtml(jobId, 200);
  if (kept === "gone") return `${name} <small>not kept</small>`;
  if (reason !== undefined) return name;
  const file = kept === "whole" ? "results.html" : "results.json";
  const note = kept === "whole" ? "" : " <small>results only</small>";
  return `<a href="./${name}/${file}">${name}</a>${note}`;
}

const headOf = (words: readonly string[], numbers: readonly string[]): string =>
  [...words.map((word) => `<th scope=col>${word}`), ...numbers.map((word) => `<th scope=col class=n>${word}`)].join("");

const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'`;
