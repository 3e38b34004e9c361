import { CHART_STYLE } from "./style-charts.js";
import { GRID_STYLE } from "./style-grid.js";

/** The page's only style. Colours stand for verdicts and nothing else; everything else is ink on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfcfb; --panel: #fff; --ink: #1d2126; --soft: #5c6570; --line: #e1e4e8; --wash: #f3f4f6; --link: #1257a8;
  --pass: #1a7f45; --warn: #8f6200; --fail: #c2261f; --error: #8a36b5; --skip: #67717d;
  --pass-wash: #e3f3e8; --warn-wash: #fbf0d2; --fail-wash: #fce8e6; --error-wash: #f4e8fa; --skip-wash: #eceef1;
  --bar: #3a77b7; --phase: #e3e8ee; --phase2: #d3dae3; --leg: #f0f3f8; --leg2: #e8edf4;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --panel: #1b1f24; --ink: #e4e7ea; --soft: #9aa4af; --line: #2e343b; --wash: #22272d; --link: #7db8f5;
    --pass: #57c785; --warn: #e0b144; --fail: #f5766d; --error: #c98aed; --skip: #9aa4af;
    --pass-wash: #17301f; --warn-wash: #352a10; --fail-wash: #3b1a18; --error-wash: #2e1d39; --skip-wash: #272c33;
    --bar: #4c8fd6; --phase: #2b323a; --phase2: #363f49; --leg: #1f252c; --leg2: #242b34;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.5rem 5rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
code, pre, .id, .g { font-family: var(--mono); font-size: .88em; }
code, .t, .id { overflow-wrap: anywhere; unicode-bidi: isolate; }
.t, .checks td, pre { white-space: pre-wrap; }
a { color: var(--link); text-decoration: none; overflow-wrap: anywhere; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; margin: .15em 0 .7em; font-weight: 650; }
h1:has(.id) { font-size: 1.35rem; letter-spacing: 0; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .8rem; font-weight: 650; letter-spacing: -.01em; }
h3 { font-size: 1rem; margin: 0; font-weight: 600; }
h4 { font-size: .74rem; margin: 1.5rem 0 .4rem; font-weight: 600; color: var(--soft); text-transform: uppercase; letter-spacing: .06em; }
small { color: var(--soft); font-weight: 400; font-size: .86em; }
ul { margin: 0; padding: 0; list-style: none; }
[hidden] { display: none !important; }
.over { margin: 0; color: var(--soft); }
.spread { display: block; width: 100%; height: 8px; border-radius: 4px; }
rect.PASS { fill: var(--pass); } rect.WARN { fill: var(--warn); } rect.FAIL { fill: var(--fail); }
rect.ERROR, rect.INTERRUPTED { fill: var(--error); } rect.SKIP, rect.CANCEL { fill: var(--skip); }
.PASS { --v: var(--pass); --w: var(--pass-wash); } .WARN { --v: var(--warn); --w: var(--warn-wash); }
.FAIL { --v: var(--fail); --w: var(--fail-wash); } .ERROR, .INTERRUPTED { --v: var(--error); --w: var(--error-wash); }
.SKIP, .CANCEL { --v: var(--skip); --w: var(--skip-wash); }
.b { display: inline-block; min-width: 7.2em; padding: .1em .4em; border-radius: 4px; background: var(--w); color: var(--v);
  font-size: .7rem; line-height: 1.6; font-weight: 700; letter-spacing: .04em; text-align: center; vertical-align: .12em; }
button, input { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .2em .7em; }
button { cursor: pointer; } button:hover { border-color: var(--soft); }
.chips { display: flex; flex-wrap: wrap; gap: .5rem; margin: .8rem 0 1.6rem; }
.chip { border-radius: 99px; font-size: .82rem; letter-spacing: .02em; }
.chip i { display: inline-block; width: .6em; height: .6em; border-radius: 50%; background: var(--v); margin-right: .5em; }
.chip b { margin-left: .2em; } .chip[aria-pressed=true] { background: var(--w); border-color: var(--v); color: var(--v); }
.alarm { background: var(--fail-wash); border-left: 4px solid var(--fail); padding: .6rem 1rem; border-radius: 4px; margin: 0 0 1rem; }
.alarm p { margin: 0; } .alarm ul { list-style: disc; padding-left: 1.4em; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2.2rem; margin: 0 0 1.2rem; }
dt { font-size: .74rem; color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; }
th, td { text-align: left; vertical-align: baseline; padding: .38em .9em .38em 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 500; font-size: .78rem; line-height: 1.3; vertical-align: bottom; }
tbody th { font-weight: 600; }
th.n, td.n { text-align: right; }
.hosts td, .hosts th { white-space: nowrap; } .hosts td:nth-child(2) { white-space: normal; min-width: 14rem; }
.na { color: var(--soft); }
.card { background: var(--panel); border: 1px solid var(--line); border-left: 4px solid var(--v); border-radius: 6px; padding: .8rem 1.1rem; margin-bottom: .7rem; }
.card a, .card small { margin-left: .35em; } .card a { font-family: var(--mono); font-size: .94em; } .card p { margin: .35rem 0 0; } .card ul { margin-top: .45rem; }
.card li { padding: .15rem 0; }
.m { white-space: normal; color: var(--soft); font-size: .92em; margin-left: .5em; } .m span { white-space: nowrap; margin-right: 1em; } .m b { color: var(--ink); font-weight: 600; }
.filter { display: flex; flex-wrap: wrap; gap: .8rem; align-items: center; margin-bottom: .8rem; color: var(--soft); font-size: .87rem; }
.filter input { width: 24rem; max-width: 70vw; padding: .35em .7em; }
.all td { padding-top: .45em; padding-bottom: .45em; }
.all td:nth-child(1) { text-align: right; color: var(--soft); } .all td:nth-child(n+4) { text-align: right; white-space: nowrap; }
.all { table-layout: fixed; min-width: 48rem; } .all th:nth-child(1) { width: 3rem; } .all th:nth-child(2) { width: 7.5rem; } .all th:nth-child(4) { width: 5.5rem; } .all th:nth-child(5) { width: 7rem; } .all th:nth-child(6) { width: 4.5rem; } .all th:nth-child(7) { width: 3.5rem; } .all td a { font-family: var(--mono); font-size: .94em; word-break: break-all; } .all td small { display: block; }
.all thead th { position: sticky; top: 0; background: var(--paper); box-shadow: inset 0 -1px var(--line); }
.all th button { border: 0; padding: 0; background: none; font: inherit; text-align: inherit; }
.all th[aria-sort] { color: var(--ink); } .all th[aria-sort=ascending] button::after { content: " \\2191"; } .all th[aria-sort=descending] button::after { content: " \\2193"; }
.all tbody tr:hover { background: var(--wash); }
.case { content-visibility: auto; contain-intrinsic-size: auto 2.6rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; margin-bottom: .45rem; }
.case > summary { padding: .5rem .9rem; cursor: pointer; border-radius: 6px; }
.case > summary:hover { background: var(--wash); } .case[open] > summary { border-bottom: 1px solid var(--line); border-radius: 6px 6px 0 0; }
.case > summary :is(.id, small) { margin-left: .35em; }
.in { padding: .9rem 1.1rem 1rem; scroll-margin-top: 3.2rem; }
.why { margin: 0 0 .8rem; padding: .45rem .8rem; border-left: 3px solid var(--v); background: var(--w); border-radius: 3px; }
.left { list-style: disc; padding-left: 1.3em; }
.tl { overflow-x: auto; margin: 0 0 .4rem; }
.tl svg { display: block; width: 100%; min-width: 46rem; font-size: 11px; }
.tl text { fill: var(--ink); } .tl .g { text-anchor: end; fill: var(--soft); font-size: 11px; }
.ax path { stroke: var(--line); } .ax text { fill: var(--soft); }
.l1 rect { fill: var(--leg); } .l0 rect { fill: var(--leg2); } .tl :is(.l0, .l1) text { fill: var(--soft); } .p0 rect { fill: var(--phase); } .p1 rect { fill: var(--phase2); } .pe rect { fill: var(--fail-wash); stroke: var(--fail); }
.tl .completed rect { fill: var(--bar); } .tl .failed rect { fill: var(--fail); } .tl .aborted rect { fill: var(--warn); }
.tl .unknown rect { fill: var(--error); } .tl .not-started rect { fill: var(--skip); }
.tl .completed text, .tl .failed text, .tl .aborted text, .tl .unknown text { fill: var(--panel); }
td.failed { color: var(--fail); font-weight: 600; } td.aborted { color: var(--warn); font-weight: 600; } td.unknown, td.not-started { color: var(--error); font-weight: 600; }
.tl rect { rx: 2px; }
.mig :is(th, td):nth-child(n+5), .mig :is(th, td):first-child { text-align: right; } .mig td { white-space: nowrap; } .mig td:nth-child(2) { font-family: var(--mono); font-size: .94em; }
.mig .err td:nth-child(2) { text-align: left; white-space: normal; font: inherit; color: var(--fail); padding-top: 0; }
.mig tr:has(+ .err) td { border-bottom: 0; }
.checks td:nth-child(1) { width: 5.5em; } .checks td:nth-child(2) { white-space: nowrap; font-weight: 600; } .checks td:nth-child(3) { width: 80%; overflow-wrap: anywhere; unicode-bidi: isolate; }
.ph { columns: 17rem; font-size: .87rem; overflow-wrap: anywhere; } .ph li { display: flex; gap: .8em; break-inside: avoid; padding: .1rem 0; } .ph li > span:first-child { flex: 0 0 4em; text-align: right; color: var(--soft); } .ph .x { display: block; font-weight: 400; }
.cmds { margin-top: 1.4rem; } .cmds summary { cursor: pointer; color: var(--link); }
.cmds ol { list-style: none; margin: .5rem 0 0; padding: 0; font-size: .86rem; }
.cmds li { display: grid; grid-template-columns: 3.6rem 4rem 2rem 4.5rem 1fr; gap: .9rem; padding: .22rem 0; border-bottom: 1px solid var(--line); }
.cmds .h, .cmds .h span { color: var(--soft); font-size: .78rem; }
.cmds li > span { text-align: right; color: var(--soft); } .cmds li i { font-style: normal; color: var(--soft); overflow: hidden; text-overflow: ellipsis; }
.cmds code { display: block; white-space: pre-wrap; } @media screen { .cmds code { max-height: 7.5em; overflow-y: auto; } }
.cmds em { display: block; color: var(--soft); font-style: normal; font-size: .94em; } .cmds pre { margin: .2rem 0 0; color: var(--fail); overflow-wrap: anywhere; }
.x, .cmds .x { color: var(--fail); font-weight: 600; }
.more { color: var(--soft); font-size: .84rem; margin: .7rem 0 0; }
.more + .tl { margin-top: .8rem; }
${CHART_STYLE}${GRID_STYLE}@media print {
  :root { color-scheme: light; --paper: #fff; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  @page { margin: 14mm 12mm; }
  .filter, p.js, .case:not([open]) { display: none !important; }
  .all { min-width: 0; } .all thead th { position: static; } .card, .case > summary, tr, .tl { break-inside: avoid; }
  .case { content-visibility: visible; } .wide, .tl { overflow: visible; } .tl svg { min-width: 0; }
  rect, .b, .card, .why, .spread { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
