import type { LegEvidence } from "../../lib/model/check.js";
import { GUTTER, niceStep, type Scale, scaleOf, type TimeSpan, timeAxis, WIDTH } from "./axis.js";
import { escapeHtml } from "./escape.js";
import { type Points, thinned } from "./thinned.js";

/** One line: what it is called, and its values over time. */
export interface Line {
  readonly name: string;
  /**
   * Milliseconds since the job started, and the value that holds from then until the next point; null: nothing is known
   * until then. In the order of time.
   */
  readonly points: Points;
  /** Points are readings, joined by straight lines, and say nothing of the time between them. */
  readonly areReadings?: boolean;
}

/** A moment, e.g. of a pass over memory, as a short line at the top. */
export interface Tick {
  readonly ms: number;
  readonly text: string;
}

export interface ChartSpec {
  /** Stands above it: what is shown, and the unit. */
  readonly title: string;
  readonly lines: readonly Line[];
  readonly ticks?: readonly Tick[];
}

const TOP = 18;
const HEIGHT = 130;
const TICKS = 4;
/** As many as there are ways to draw one, by colour and by dashes. */
export const LINES = 8;
const LEGS_SHOWN = 200;
const TICKS_SHOWN = 400;
/** Of more than these only what no line leads to has a dot. */
const DOTS_SHOWN = 60;

/** Values over time, with the legs as bands behind them. Nothing to show gives no chart. */
export function lineChart(
  { title, lines, ticks = [] }: ChartSpec,
  span: TimeSpan,
  legs: readonly LegEvidence[],
): string {
  const filled = lines.filter(({ points }) => points.length > 0);
  if (filled.length === 0) return "";
  const x = scaleOf(span);
  const shown = filled.slice(0, LINES).map((line) => ({ ...line, points: thinned(line.points, x) }));
  const hidden = filled.length - shown.length;
  const bottom = TOP + HEIGHT;
  const highest = shown.flatMap(({ points }) => points).reduce((most, [, value]) => Math.max(most, value ?? 0), 0);
  const step = niceStep(highest > 0 ? highest : 1, TICKS);
  const top = Math.max(step, Math.ceil(highest / step) * step);
  const y: Scale = (value) => bottom - (value / top) * HEIGHT;
  return [
    `<figure class=ch><figcaption><h4>${escapeHtml(title, 200)}</h4>${legend(shown)}${hidden > 0 ? ` <small>${hidden} more in evidence.json</small>` : ""}</figcaption>`,
    `<div class=tl><svg viewBox="0 0 ${WIDTH} ${bottom + 4}" role=img aria-label="${escapeHtml(`${title}: ${shown.map(({ name }) => name).join(", ")}`, 500)}">`,
    ...legs.slice(0, LEGS_SHOWN).map((leg) => band(leg, x)),
    timeAxis(span, x, bottom),
    valueAxis(step, top, y),
    ...ticks.slice(0, TICKS_SHOWN).map((tick) => tickMark(tick, x)),
    ...shown.map((line, index) => drawnLine(line, index, x, y)),
    "</svg></div></figure>",
  ].join("");
}

const legend = (lines: readonly Line[]): string =>
  `<ul class=lg>${lines
    .map(
      ({ name }, index) =>
        `<li><svg viewBox="0 0 24 8" aria-hidden=true><path class="ln c${index}" d="M0 4H24"/></svg>${escapeHtml(name, 120)}`,
    )
    .join("")}</ul>`;

function band({ number, startMs, endMs }: LegEvidence, x: Scale): string {
  const left = Math.round(x(startMs));
  const width = Math.max(Math.round(x(endMs)) - left, 1);
  return `<g class=l${number % 2}><rect x=${left} y=${TOP} width=${width} height=${HEIGHT} /></g>`;
}

const tickMark = ({ ms, text }: Tick, x: Scale): string =>
  `<g class=tk><title>${escapeHtml(text, 120)}</title><path d="M${x(ms).toFixed(1)} ${TOP}v9"/></g>`;

function drawnLine({ points, areReadings }: Line, index: number, x: Scale, y: Scale): string {
  if (areReadings !== true) return `<path class="ln c${index}" d="${pathOf(points, x, y)}"/>`;
  const line = `<path class="ln c${index}" d="${slopeOf(points, x, y)}"/>`;
  const isKnown = (index: number): boolean => (points[index]?.[1] ?? null) !== null;
  const isDotted = (index: number): boolean =>
    points.length <= DOTS_SHOWN || !(isKnown(index - 1) || isKnown(index + 1));
  // A dot is a line of no length with round ends: one path for all of them.
  const dots = points.flatMap(([ms, value], index) =>
    value === null || !isDotted(index) ? [] : [`M${x(ms).toFixed(1)} ${y(value).toFixed(1)}h0`],
  );
  return dots.length === 0 ? line : `${line}<path class="ln dt c${index}" d="${dots.join("")}"/>`;
}

/** From reading to reading; where none is known, the line is broken. */
function slopeOf(points: Points, x: Scale, y: Scale): string {
  let isBroken = true;
  let text = "";
  for (const [ms, value] of points) {
    if (value !== null) text += `${isBroken ? "M" : "L"}${x(ms).toFixed(1)} ${y(value).toFixed(1)}`;
    isBroken = value === null;
  }
  return text;
}

function valueAxis(step: number, top: number, y: Scale): string {
  let [grid, labels] = ["", ""];
  for (let tick = 0; tick <= Math.round(top / step); tick += 1) {
    const at = Math.round(y(tick * step));
    grid += `M${GUTTER} ${at}H${WIDTH - 8}`;
    labels += `<text x=${GUTTER - 8} y=${at + 4}>${tickText(tick * step)}</text>`;
  }
  return `<g class="ax va"><path d="${grid}"/>${labels}</g>`;
}

const tickText = (value: number): string => String(Number(value.toPrecision(6)));

/** Where a value stays, nothing is written; where none is known, the line is broken. */
function pathOf(points: Points, x: Scale, y: Scale): string {
  let text = "";
  let last: string | undefined;
  for (const [ms, value] of points) {
    const at = value === null ? undefined : y(value).toFixed(1);
    if (at === last) continue;
    const left = x(ms).toFixed(1);
    text += `${last === undefined ? `M${left} ${at}` : `H${left}`}${last === undefined || at === undefined ? "" : `V${at}`}`;
    last = at;
  }
  const [endMs] = points.at(-1) ?? [0];
  return last === undefined ? text : `${text}H${x(endMs).toFixed(1)}`;
}
