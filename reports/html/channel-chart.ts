import type { Spread } from "../../lib/model/spread.js";
import { type ChannelCost, PROCESSES } from "../channel-cost.js";
import { niceStep, WIDTH } from "./axis.js";
import { escapeHtml } from "./escape.js";

interface Panel {
  readonly title: string;
  /** Where its bars begin, and how far they may go. */
  readonly left: number;
  readonly width: number;
  /** Bars of one channel, one below the other. */
  readonly bars: (cost: ChannelCost) => readonly Bar[];
}

interface Bar {
  /** Class of its colour. */
  readonly kind: string;
  readonly spread: Spread | undefined;
}

const LABELS = 170;
const TOP = 42;
const ROW = 58;
const TICKS = 4;

const PANELS: readonly Panel[] = [
  {
    title: "Time of a leg, s",
    ...{ left: LABELS, width: 380 },
    bars: ({ timeMs }) => [{ kind: "bar", spread: timeMs === undefined ? undefined : scaled(timeMs, 1 / 1000) }],
  },
  {
    title: "CPU s per GiB",
    ...{ left: LABELS + 420, width: 440 },
    bars: ({ cpuSPerGiB }) => PROCESSES.map((process, index) => ({ kind: `p${index}`, spread: cpuSPerGiB[process] })),
  },
];

const scaled = ({ count, lower, median, upper }: Spread, by: number): Spread => ({
  count,
  lower: lower * by,
  median: median * by,
  upper: upper * by,
});

/** Time and CPU of each channel as bars up to the median, with a line from the lower quartile to the upper one. */
export function channelChart(costs: readonly ChannelCost[]): string {
  const height = TOP + costs.length * ROW + 4;
  const labels = costs.map(
    ({ channel }, index) =>
      `<text x=${LABELS - 10} y=${TOP + index * ROW + ROW / 2 + 4} class=g>${escapeHtml(channel, 40)}</text>`,
  );
  return [
    `<div class="tl bars"><svg viewBox="0 0 ${WIDTH} ${height}" role=img aria-label="Time and CPU of each channel; the numbers stand in the table above">`,
    ...PANELS.map((panel) => panelOf(panel, costs, height)),
    ...labels,
    "</svg></div>",
  ].join("");
}

function panelOf({ title, left, width, bars }: Panel, costs: readonly ChannelCost[], height: number): string {
  const rows = costs.map(bars);
  const highest = Math.max(0, ...rows.flat().flatMap(({ spread }) => spread?.upper ?? []));
  const step = niceStep(highest > 0 ? highest : 1, TICKS);
  const end = Math.max(step, Math.ceil(highest / step - 1e-9) * step);
  const x = (value: number): number => left + (value / end) * width;
  let [grid, ticks] = ["", ""];
  for (let tick = 0; tick <= Math.round(end / step); tick += 1) {
    const at = Math.round(x(tick * step));
    grid += `M${at} ${TOP - 4}V${height - 4}`;
    ticks += `<text x=${at + 3} y=${TOP - 10}>${Number((tick * step).toPrecision(6))}</text>`;
  }
  return [
    `<g class=ax><path d="${grid}"/>${ticks}</g>`,
    `<text x=${left} y=12 class=hd>${title}</text>`,
    ...rows.flatMap((row, index) => drawn(row, TOP + index * ROW, x)),
  ].join("");
}

function drawn(bars: readonly Bar[], top: number, x: (value: number) => number): string[] {
  const thick = bars.length === 1 ? 18 : Math.floor((ROW - 10) / bars.length);
  const first = top + (ROW - thick * bars.length) / 2;
  return bars.map(({ kind, spread }, index) => {
    const y = first + index * thick;
    if (spread === undefined) return `<text x=${x(0) + 4} y=${y + thick - 2}>not measured</text>`;
    const [from, to, lower, upper] = [x(0), x(spread.median), x(spread.lower), x(spread.upper)].map((at) =>
      at.toFixed(1),
    );
    const middle = y + thick / 2 - 1;
    return `<rect class=${kind} x=${from} y=${y} width=${(Number(to) - Number(from)).toFixed(1)} height=${thick - 2} /><path class=wh d="M${lower} ${middle}H${upper}M${lower} ${middle - 3}v6M${upper} ${middle - 3}v6"/>`;
  });
}
