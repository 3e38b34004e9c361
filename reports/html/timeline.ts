import type { LegEvidence } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { CaseResult, PhaseRecord } from "../../lib/model/result.js";
import { guestsOf } from "../summary.js";
import { GUTTER, type Scale, scaleOf, type TimeSpan, timeAxis, WIDTH } from "./axis.js";
import { foremost, moreNote, type Share } from "./budget.js";
import { escapeHtml } from "./escape.js";
import { ARROW, span } from "./format.js";
import { hostBars, type Mark, markLegend, markSigns } from "./lanes.js";

const LANE = 22;
const PHASES_TOP = 20;
const LEGS_TOP = 43;
const LANES_TOP = 58;
const GUESTS_SHOWN = 24;
const MACHINES_SHOWN = 8;
const PHASES_SHOWN = 60;
const CHAR = 6.6;

/**
 * The case over time: its phases, and below them a lane for each guest with its migrations as bars and for each host with what
 * it did in the legs, with what happened to them as signs.
 */
export function timeline(result: CaseResult, share: Share, marks: readonly Mark[] = []): string {
  const shownSpan = spanOf(result);
  if (shownSpan === undefined) return "";
  const { startMs, endMs } = shownSpan;
  const x = scaleOf(shownSpan);
  const guests = guestsOf(result).slice(0, GUESTS_SHOWN);
  const machines = share.isTerse ? [] : machinesOf(result, marks);
  const lanes = [...guests, ...machines];
  const tops = new Map(lanes.map((name, lane) => [name, LANES_TOP + lane * LANE]));
  const seen = marks.filter(({ place }) => tops.has(place));

  const bottom = LANES_TOP + Math.max(lanes.length, 1) * LANE;
  const timed = result.migrations.filter(({ startMs }) => startMs !== undefined);
  const shown = foremost(timed, share.migrations, ({ outcome }) => Number(outcome !== "completed"));
  const hiddenGuests = guestsOf(result).length - guests.length;
  const legs = result.legs.slice(0, PHASES_SHOWN);
  return [
    `<div class=tl><svg viewBox="0 0 ${WIDTH} ${bottom + 6}" role=img aria-label="Timeline of ${span(endMs - startMs)}">`,
    timeAxis(shownSpan, x, bottom),
    ...foremost(result.phases, PHASES_SHOWN, ({ durationMs }) => durationMs).map((phase, index) =>
      phaseBox(phase, index, x, share),
    ),
    ...legs.map((leg) => legBand(leg, x, bottom, share)),
    ...lanes.map(
      (name, lane) =>
        `<text x=${GUTTER - 8} y=${LANES_TOP + lane * LANE + 15} class=g>${clipped(name, GUTTER - 8)}</text>`,
    ),
    machines.length === 0 ? "" : hostBars(legs, x, tops),
    ...shown.map((migration) => bar(migration, guests.indexOf(migration.guest), x, endMs, share)),
    markSigns(seen, x, tops, endMs),
    "</svg></div>",
    markLegend(seen, marks.length),
    moreNote(hiddenGuests, "guest"),
  ].join("");
}

/** Hosts of the legs, and whatever other machine something happened to. */
function machinesOf(result: CaseResult, marks: readonly Mark[]): readonly string[] {
  const guests = new Set(guestsOf(result));
  const hosts = [
    ...result.legs.flatMap(({ moves }) => moves.flatMap(({ from, to }) => [from, to])),
    ...result.migrations.flatMap(({ source, target }) => [source, target]),
    ...marks.map(({ place }) => place),
  ];
  return [...new Set(hosts)].filter((name) => !guests.has(name)).slice(0, MACHINES_SHOWN);
}

/** From the first thing that is known of a case to the last; undefined when nothing is. */
export function spanOf({ phases, migrations }: CaseResult): TimeSpan | undefined {
  const times = [
    ...phases.flatMap(({ startMs, durationMs }) => [startMs, startMs + durationMs]),
    ...migrations.flatMap(({ startMs, endMs }) => [startMs, endMs].filter((ms) => ms !== undefined)),
  ];
  if (times.length === 0) return undefined;
  const startMs = times.reduce((a, b) => Math.min(a, b));
  return {
    startMs,
    endMs: Math.max(
      times.reduce((a, b) => Math.max(a, b)),
      startMs + 1,
    ),
  };
}

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
  const to = `${ARROW} ${escapeHtml(target, 60)}`;
  const label = (target.length + 2) * CHAR < width - 6 ? `<text x=${round(left + 4)} y=${top + 12}>${to}</text>` : "";
  const title = isTerse
    ? ""
    : `<title>leg ${leg}: ${escapeHtml(guest, 80)} ${escapeHtml(source, 80)} ${ARROW} ${escapeHtml(target, 80)}, ${outcome}, ${span(endMs - startMs)}</title>`;
  return `<g class=${outcome}>${title}${rectangle(left, top, width, 16)}${label}</g>`;
}

const rectangle = (x: number, y: number, width: number, height: number): string =>
  `<rect x=${round(x)} y=${y} width=${round(width)} height=${height} />`;

const clipped = (text: string, width: number): string => {
  const most = Math.floor(width / CHAR);
  return text.length <= most ? escapeHtml(text) : `…${escapeHtml(text.slice(text.length - most + 1))}`;
};

const round = Math.round;
