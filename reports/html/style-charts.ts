/** Lines of charts differ by colour and by dashes, so that print and eyes that see no colour can tell them apart. */
export const CHART_STYLE = `
:root { --c0: #1257a8; --c1: #b3541e; --c2: #1a7f45; --c3: #8a36b5; --c4: #8f6200; --c5: #0f7c86; --c6: #b0246b; --c7: #5c6570; }
@media screen and (prefers-color-scheme: dark) {
  :root { --c0: #7db8f5; --c1: #f0995f; --c2: #57c785; --c3: #c98aed; --c4: #e0b144; --c5: #5cc9d3; --c6: #f285b8; --c7: #9aa4af; }
}
.ch { margin: 1.2rem 0 0; break-inside: avoid; } .ch figcaption { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; align-items: baseline; } .ch h4 { margin: 0; text-transform: none; letter-spacing: 0; font-size: .84rem; }
.lg { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; font-size: .8rem; color: var(--soft); } .lg svg { width: 24px; height: 8px; margin-right: .35em; vertical-align: middle; }
.ln { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); stroke-dasharray: 6 2; } .c2 { stroke: var(--c2); stroke-dasharray: 2 2; } .c3 { stroke: var(--c3); stroke-dasharray: 8 2 2 2; }
.c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); stroke-dasharray: 6 2; } .c6 { stroke: var(--c6); stroke-dasharray: 2 2; } .c7 { stroke: var(--c7); stroke-dasharray: 8 2 2 2; }
.dt { stroke-width: 5; stroke-linecap: round; stroke-dasharray: none; } .tk path { stroke: var(--soft); stroke-width: 1.2; }
.hb rect { fill: var(--phase2); } .hb text { fill: var(--soft); }
.mk path { fill: var(--ink); stroke: var(--panel); stroke-width: 1; } .mk rect { opacity: .45; fill: var(--fail); } .mk.postcopy path { fill: var(--c4); } .mk.fault path { fill: var(--fail); }
.mk.oom path { fill: var(--error); } .mk.lost path { fill: none; stroke: var(--fail); stroke-width: 2.6; }
.lg.mks svg { width: 16px; height: 20px; } .lg.mks { margin: .2rem 0 .6rem; }
.log { list-style: none; margin: 0; padding: 0; font-size: .84rem; } .log li { display: grid; grid-template-columns: 3.6rem 1fr; gap: .9rem; } .log li > :is(a, span) { text-align: right; color: var(--soft); font-family: var(--mono); font-size: .88em; } .log code { white-space: pre-wrap; }
.log li:target { background: var(--warn-wash); } .log .red { background: var(--fail-wash); } .log .red:target { outline: 2px solid var(--fail); } .log .gap { display: block; padding-left: 4.5rem; color: var(--soft); font-style: italic; }
.files { display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; font-size: .87rem; }
.tl .va text { text-anchor: end; fill: var(--soft); } .va path { stroke: var(--line); }
.way :is(th, td):nth-child(n+4), .way :is(th, td):first-child { text-align: right; } .way td { white-space: nowrap; }
.cost { margin-bottom: .4rem; } .cost :is(th, td):nth-child(n+2) { text-align: right; } .cost td { white-space: nowrap; } .cost small { display: block; }
.bars .bar { fill: var(--bar); } .bars .p0 { fill: var(--c0); } .bars .p1 { fill: var(--c5); } .bars .p2 { fill: var(--c1); } .bars .p3 { fill: var(--c4); }
.bars .wh { stroke: var(--ink); stroke-width: 1.2; fill: none; } .bars .hd { font-weight: 600; }
.key { display: inline-block; width: .8em; height: .8em; margin-right: .4em; vertical-align: -.05em; }
.key.p0 { background: var(--c0); } .key.p1 { background: var(--c5); } .key.p2 { background: var(--c1); } .key.p3 { background: var(--c4); }
@media print { .bars rect, .key { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
