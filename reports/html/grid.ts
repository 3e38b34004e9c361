import type { JobResult } from "../../lib/model/result.js";
import { type Axes, axesOf } from "../axes.js";
import { escapeHtml } from "./escape.js";

/** Where a case stands in the matrix of its scenario: attributes of its row, which the script draws the grid from. */
export interface Matrix {
  readonly section: string;
  /** For each case, in the order of the job. */
  readonly attributes: readonly string[];
}

/**
 * The matrix as a grid whose two axes a reader chooses. It is drawn by the script, from the list and from the names in here;
 * without the script there is the list. Nothing for a job whose cases differ in nothing.
 */
export function matrixOf({ cases }: Pick<JobResult, "cases">): Matrix {
  const names = [...new Set(cases.map((result) => result.case.scenario))];
  const found = names.map((name) =>
    axesOf(cases.filter((one) => one.case.scenario === name).map((one) => one.case.variants)),
  );
  if (!found.some(isWorthIt)) return { section: "", attributes: cases.map(() => "") };
  const seen = names.map(() => 0);
  const attributes = cases.map((result) => {
    const scenario = names.indexOf(result.case.scenario);
    const index = seen[scenario] ?? 0;
    seen[scenario] = index + 1;
    const places = found[scenario]?.places[index] ?? [];
    return ` data-s=${scenario} data-a="${places.map((place) => place ?? "").join(",")}"`;
  });
  return { section: sectionOf(names, found), attributes };
}

const isWorthIt = ({ axes, places }: Axes): boolean => places.length > 1 && axes.some((axis) => axis.length > 1);

const sectionOf = (names: readonly string[], found: readonly Axes[]): string =>
  [
    "<section aria-labelledby=matrix class=js hidden><h2 id=matrix>The matrix</h2>",
    "<form class=gridform><label hidden>Scenario <select name=scenario></select></label> <label>Rows <select name=rows></select></label> <label>Columns <select name=columns></select></label></form>",
    "<div class=grid></div><p class=more>F fail, E error, I interrupted, W worth a look, P passed, C cancelled, S skipped; the gravest of a cell with how many of its cases have it. A cell chosen narrows the list below to its cases; arrow keys go from cell to cell.</p>",
    `<div class=axes hidden>${names.map((name, index) => `<ul data-name="${escapeHtml(name, 120)}">${(found[index]?.axes ?? []).map(axisList).join("")}</ul>`).join("")}</div>`,
    "</section>",
  ].join("\n");

const axisList = (words: readonly string[]): string =>
  `<li><ol>${words.map((word) => `<li>${escapeHtml(word, 120)}</li>`).join("")}</ol></li>`;
