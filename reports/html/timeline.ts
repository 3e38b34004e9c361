import type { LegEvidence } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { CaseResult, PhaseRecord } from "../../lib/model/result.js";
import { guestsOf } from "../summary.js";
import { foremost, moreNote, type Share } from "./budget.js";
import { escapeHtml } from "./escape.js";
import { span } from "./format.js";

const WIDTH = 1100;
const GUTTER = 150;
const LANE = 22;
const PHASES_TOP = 20;
const LEGS_TOP = 43;
const LANES_TOP = 58;
const GUESTS_SHOWN = 24;
const PHASES_SHOWN = 60;
const CHAR = 6.6;

type Scale = (ms: number) => number;

/** The case over time: its phases, and below them a lane for each guest with its migrations as bars. */
export function timeline(result: CaseResult, share: Share): string {
  const guests = guestsOf(result).slice(0, GUESTS_SHOWN);
  const timed = result.migrations.filter(({ startMs }) => startMs !== undefined);
  const times = [
    ...result.phases.flatMap(({ startMs, durationMs }) => [startMs, startMs + durationMs]),
    ...bounds(timed),
  ];
  if (times.length === 0) return "";
  const startMs = times.reduce((a, b) => Math.min(a, b));
  const endMs = Math.max(
    times.reduce((a, b) => Math.max(a, b)),
    startMs + 1,
  );
  const x: Scale = (ms) => GUTTER + ((ms - startMs) / (endMs - startMs)) * (WIDTH - GUTTER - 8);

  const bottom = LANES_TOP + Math.max(guests.length, 1) * LANE;
  const shown = foremost(timed, share.migrations, ({ outcome }) => Number(outcome !== "completed"));
  const hiddenGuests = guestsOf(result).length - guests.length;
  return [
    `<div class=tl><svg viewBox="0 0 ${WIDTH} ${bottom + 6}" role=img aria-label="Timeline of ${span(endMs - startMs)}">`,
    axis(startMs, endMs, x, bottom),
    ...foremost(result.phases, PHASES_SHOWN, ({ durationMs }) => durationMs).map((phase, index) =>
      phaseBox(phase, index, x, share),
    ),
    ...result.legs.slice(0, PHASES_SHOWN).map((leg) => legBand(leg, x, bottom, share)),
    ...guests.map(
      (guest, lane) =>
        `<text x=${GUTTER - 8} y=${LANES_TOP + lane * LANE + 15} class=g>${clipped(guest, GUTTER - 8)}</text>`,
    ),
    ...shown.map((migration) => bar(migration, guests.indexOf(migration.guest), x, endMs, share)),
    "</svg></div>",
    moreNote(hiddenGuests, "guest"),
  ].join("");
}

const bounds = (timed: readonly MigrationRecord[]): number[] =>
  timed.flatMap(({ startMs, endMs }) => [startMs, endMs].filter((ms) => ms !== undefined));

function axis(startMs: number, endMs: number, x: Scale, bottom: number): string {
  const stepMs = tickMs(endMs - startMs);
  let [grid, labels] = ["", ""];
  for (let ms = 0; ms <= endMs - startMs; ms += stepMs) {
    const at = round(x(startMs + ms));
    grid += `M${at} 15V${bottom}`;
    labels += `<text x=${at + 3} y=11>${tickText(ms, stepMs)}</text>`;
  }
  return `<g class=ax><path d="${grid}"/>${labels}</g>`;
}

/** A step of 1, 2 or 5 of something that gives at most about eight ticks. */
function tickMs(spanMs: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(spanMs, 1) / 8));
  return [1, 2, 5, 10].map((factor) => factor * power).find((ms) => spanMs / ms <= 9) ?? spanMs;
}

const tickText = (ms: number, stepMs: number): string =>
  stepMs < 1000 ? `${(ms / 1000).toFixed(stepMs < 100 ? 2 : 1)} s` : `${Math.round(ms / 1000)} s`;

function phaseBox(
  { name, startMs, durationMs, error }: PhaseRecord,
  index: number,
  x: Scale,
  { isTerse }: Share,
): string {
  const left = x(startMs);
  const width = Math.max(x(startMs + durationMs) - left, 1);
  const kind = error === undefined ? `p${index % 2}` : "pe";
  const label =
    name.length * CHAR < width - 6 ? `<text x=${round(left + 4)} y=${PHASES_TOP + 14}>${escapeHtml(name)}</text>` : "";
  const title = isTerse ? "" : `<title>${escapeHtml(name, 200)}: ${span(durationMs)}</title>`;
  return `<g class=${kind}>${title}${rectangle(left, PHASES_TOP, width, 20)}${label}</g>`;
}

function legBand({ number, startMs, endMs }: LegEvidence, x: Scale, bottom: number, { isTerse }: Share): string {
  const left = x(startMs);
  const width = Math.max(x(endMs) - left, 1);
  const label = `leg ${number}`;
  const text =
    !isTerse && label.length * CHAR < width - 6 ? `<text x=${round(left + 4)} y=${LEGS_TOP + 12}>${label}</text>` : "";
  const box = `<rect x=${round(left)} y=${LEGS_TOP} width=${round(width)} height=${bottom - LEGS_TOP} />`;
  return `<g class=l${number % 2}>${box}${text}</g>`;
}

function bar(migration: MigrationRecord, lane: number, x: Scale, caseEndMs: number, { isTerse }: Share): string {
  const { guest, leg, source, target, outcome, startMs, endMs = caseEndMs } = migration;
  if (startMs === undefined || lane < 0) return "";
  const left = x(startMs);
  const width = Math.max(x(endMs) - left, 2);
  const top = LANES_TOP + lane * LANE + 3;
  const to = `→ ${target}`;
  const label =
    to.length * CHAR < width - 6 ? `<text x=${round(left + 4)} y=${top + 12}>${escapeHtml(to, 60)}</text>` : "";
  const title = isTerse
    ? ""
    : `<title>leg ${leg}: ${escapeHtml(guest, 80)} ${escapeHtml(source, 80)} → ${escapeHtml(target, 80)}, ${outcome}, ${span(endMs - startMs)}</title>`;
  return `<g class=${outcome}>${title}${rectangle(left, top, width, 16)}${label}</g>`;
}

const rectangle = (x: number, y: number, width: number, height: number): string =>
  `<rect x=${round(x)} y=${y} width=${round(width)} height=${height} />`;

const clipped = (text: string, width: number): string => {
  const most = Math.floor(width / CHAR);
  return text.length <= most ? escapeHtml(text) : `…${escapeHtml(text.slice(text.length - most + 1))}`;
};

const round = Math.round;
