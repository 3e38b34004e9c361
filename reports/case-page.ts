import { createHash } from "node:crypto";
import type { PathEvidence } from "../lib/model/check.js";
import type { CaseResult } from "../lib/model/result.js";
import { pathCharts } from "./charts/path-lines.js";
import { silenceChart } from "./charts/silence-lines.js";
import { WHOLE } from "./html/budget.js";
import { escapeHtml } from "./html/escape.js";
import { badge } from "./html/format.js";
import { lineChart } from "./html/line-chart.js";
import { STYLE } from "./html/style.js";
import { spanOf, timeline } from "./html/timeline.js";

/**
 * One case over time as a page of its own: the lanes of its guests, and under them on the same axis what was measured
 * meanwhile. Beside the job's page, because the charts of a thousand cases are more than a browser should be given at once.
 */
export function renderCaseCharts(result: CaseResult, path: PathEvidence): string {
  const span = spanOf(result);
  const specs = span === undefined ? [] : [silenceChart(result), ...pathCharts(path, result.legs)];
  const charts = span === undefined ? [] : specs.map((spec) => lineChart(spec, span, result.legs));
  const drawn = charts.filter((chart) => chart !== "");
  return [
    "<!doctype html>",
    '<html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width, initial-scale=1">',
    `<meta http-equiv=Content-Security-Policy content="${POLICY}">`,
    '<meta name=referrer content=no-referrer><meta name=color-scheme content="light dark">',
    `<title>${escapeHtml(result.case.id, 200)}: over time</title>`,
    `<style>${STYLE}</style></head><body>`,
    '<header><p class=over><a href="../../results.html">results.html</a></p>',
    `<h1>${badge(result.status)} <span class=id>${escapeHtml(result.case.id, 300)}</span></h1></header>`,
    "<main>",
    timeline(result, WHOLE),
    ...(drawn.length === 0 ? ["<p class=more>Nothing was measured over time.</p>"] : drawn),
    `<p class=more>${NOTE}</p>`,
    "</main></body></html>",
    "",
  ].join("\n");
}

const NOTE =
  "Bands are legs. Bytes are those of IP packets in the captures, to and from a port together; a capture knows only its own host's clock, so its seconds are laid where they fit the legs best, good to about a second. All numbers are in evidence.json.";

const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'`;
