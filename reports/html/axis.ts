/** Every drawing over time of a case has these, so that what lies under each other is of one moment. */
export const WIDTH = 1100;
export const GUTTER = 150;
const MARGIN = 8;
/** Room that the longest time needs; nearer to the edge it would be cut off. */
const LABEL = 44;

/** Milliseconds since the job started → place in the drawing. */
export type Scale = (ms: number) => number;

export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

export const scaleOf =
  ({ startMs, endMs }: TimeSpan): Scale =>
  (ms) =>
    GUTTER + ((ms - startMs) / Math.max(endMs - startMs, 1)) * (WIDTH - GUTTER - MARGIN);

/** Lines from top to bottom with the time above them, counted from the start of what is shown. */
export function timeAxis({ startMs, endMs }: TimeSpan, x: Scale, bottom: number): string {
  const stepMs = tickMs(endMs - startMs);
  let [grid, labels] = ["", ""];
  for (let ms = 0; ms <= endMs - startMs; ms += stepMs) {
    const at = Math.round(x(startMs + ms));
    grid += `M${at} 15V${bottom}`;
    if (at < WIDTH - LABEL) labels += `<text x=${at + 3} y=11>${tickText(ms, stepMs)}</text>`;
  }
  return `<g class=ax><path d="${grid}"/>${labels}</g>`;
}

/** A step of 1, 2 or 5 of something that gives at most about eight ticks. */
const tickMs = (spanMs: number): number => niceStep(Math.max(spanMs, 1), 9, 8);

/** The smallest step of 1, 2 or 5 of a power of ten that gives at most so many ticks. */
export function niceStep(span: number, most: number, about = most): number {
  const power = 10 ** Math.floor(Math.log10(span / about));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => span / step <= most) ?? span;
}

const tickText = (ms: number, stepMs: number): string =>
  stepMs < 1000 ? `${(ms / 1000).toFixed(stepMs < 100 ? 2 : 1)} s` : `${Math.round(ms / 1000)} s`;
