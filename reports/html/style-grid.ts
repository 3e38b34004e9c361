/** The matrix as a grid, and the groups of what went wrong. */
export const GRID_STYLE = `
.gridform { display: flex; flex-wrap: wrap; gap: .5rem 1.4rem; margin: 0 0 .8rem; color: var(--soft); font-size: .87rem; }
select { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .2em .5em; max-width: 26rem; }
.grid { overflow: auto; max-height: 40rem; } .grid table { width: auto; font-size: .8rem; }
.grid :is(th, td) { padding: 1px; border: 0; vertical-align: middle; } .grid th { padding: .1em .7em .1em 0; font-weight: 500; font-family: var(--mono); }
.grid thead th { padding: .1em .3em; text-align: center; position: sticky; top: 0; background: var(--paper); }
.grid tbody th { position: sticky; left: 0; background: var(--paper); white-space: nowrap; }
.grid button { display: block; width: 100%; min-width: 2.6em; min-height: 1.75em; padding: 0 .3em; border: 1px solid transparent; border-radius: 3px; background: var(--w); color: var(--v); font-weight: 700; font-size: .78rem; }
.grid button small { color: inherit; font-weight: 500; margin-left: .3em; } .grid button:hover { border-color: var(--v); } .grid button[aria-pressed=true] { background: var(--v); color: var(--paper); }
.group > h3 { display: flex; flex-wrap: wrap; gap: .2rem .6rem; align-items: baseline; } .group .sig { font-family: var(--mono); font-size: .9em; font-weight: 500; overflow-wrap: anywhere; }
.group > details { margin-top: .5rem; font-size: .92em; } .group summary { cursor: pointer; color: var(--soft); } .group .eg { margin-top: .45rem; }
.group .ids { columns: 24rem; margin-top: .3rem; } .group .ids li { break-inside: avoid; padding: .05rem 0; }
.picked { margin: 0 0 .6rem; }
@media print { .gridform { display: none; } .grid { max-height: none; overflow: visible; } .grid button { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
