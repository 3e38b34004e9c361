/** Style of the page of `serve`: the colours of the report, and little else. */
export const LIVE_STYLE = `
:root { color-scheme: light dark; --paper: #fcfcfb; --ink: #1d2126; --soft: #5c6570; --line: #e1e4e8; --link: #1257a8;
  --pass: #1a7f45; --warn: #8f6200; --fail: #c2261f; --error: #8a36b5; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e4e7ea; --soft: #9aa4af; --line: #2e343b; --link: #7db8f5;
  --pass: #57c785; --warn: #e0b144; --fail: #f5766d; --error: #c98aed; } }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.5rem 5rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.6rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
a { color: var(--link); } :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); font-weight: 400; overflow-wrap: anywhere; unicode-bidi: isolate; }
thead th { color: var(--soft); } td:last-child { white-space: nowrap; }
progress { width: 100%; height: .6rem; } .soft { color: var(--soft); }
.PASS { color: var(--pass); } .WARN { color: var(--warn); } .FAIL, .INTERRUPTED { color: var(--fail); } .ERROR { color: var(--error); } .SKIP, .CANCEL { color: var(--soft); }
`;
