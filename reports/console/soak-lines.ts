import type { SoakSummary, WatchedFigure } from "../../lib/model/soak.js";
import { figureText, growing, passCounts, slopeText } from "../soak-text.js";
import { REASON_COLUMNS, seconds } from "./case-line.js";
import { fitted, safeText } from "./safe-text.js";

/** What is said before the first pass. Every function here returns whole lines, without the last line end. */
export const soakHeader = ({ soakId, folder, cases }: { soakId: string; folder: string; cases: number }): string =>
  [`SOAK ID    : ${safeText(soakId)} (${cases} cases a pass)`, `SOAK FOLDER: ${safeText(folder)}`].join("\n");

/** Before each pass. */
export const passLine = (pass: number, of: number | undefined): string =>
  `SOAK PASS  : ${pass}${of === undefined ? "" : ` of ${of}`}`;

/** At the end: how the passes went, what grows, and where the page is. */
export function soakFooter(soak: SoakSummary, { html }: { readonly html: string }): string {
  const { ok, all } = passCounts(soak);
  const told = soak.figures.filter(({ trend }) => trend.word !== "too-few").length;
  return [
    `SOAK       : ${ok} of ${all} passes OK`,
    ...(soak.ended === undefined ? [] : [`ENDED      : ${fitted(soak.ended, REASON_COLUMNS)}`]),
    ...growing(soak).map((figure) => `GROWS      : ${fitted(growthText(figure), REASON_COLUMNS)}`),
    `WATCHED    : ${soak.figures.length} figures; growing: ${growing(soak).length}; too few passes to tell: ${soak.figures.length - told}`,
    `SOAK TIME  : ${seconds(soak.durationMs)}`,
    `SOAK HTML  : ${safeText(html)}`,
  ].join("\n");
}

const growthText = (figure: WatchedFigure): string =>
  `${figure.where} ${figure.what}: ${figureText(figure, figure.first)} -> ${figureText(figure, figure.last)}, ${slopeText(figure, figure.trend.perPass)} a pass`;
