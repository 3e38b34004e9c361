import type { LegEvidence } from "../../lib/model/check.js";
import type { Scale } from "./axis.js";
import { escapeHtml } from "./escape.js";
import { span } from "./format.js";

export type MarkKind = "postcopy" | "fault" | "lost" | "oom";

/** Something that happened at a moment, or for a while, to a guest or a machine. */
export interface Mark {
  readonly kind: MarkKind;
  /** Guest, host or other machine; its lane. */
  readonly place: string;
  /** Milliseconds since the job started. */
  readonly atMs: number;
  readonly endMs?: number;
  /** For people, e.g. `libvirtd is killed`. Foreign text may be in it. */
  readonly text: string;
}

/** What the sign of each kind stands for; the shapes differ, for print and for eyes that see no colour. */
const KINDS: Readonly<Record<MarkKind, string>> = {
  postcopy: "switch to postcopy",
  fault: "made to go wrong",
  lost: "connection lost",
  oom: "strike of the OOM killer",
};

const MARKS_SHOWN = 300;
const CHAR = 6.6;
const HALF = 8;

/** Where lanes lie: the top of each by its name. */
export type LaneTops = ReadonlyMap<string, number>;

/** What hosts did in each leg: send guests, receive them, or both. */
export function hostBars(legs: readonly LegEvidence[], x: Scale, tops: LaneTops): string {
  return legs
    .flatMap(({ moves, startMs, endMs }) => {
      const [from, to] = [new Set(moves.map((move) => move.from)), new Set(moves.map((move) => move.to))];
      return [...new Set([...from, ...to])].map((host) => {
        const top = tops.get(host);
        const word = from.has(host) ? (to.has(host) ? "sends, receives" : "sends") : "receives";
        return top === undefined ? "" : bar(x(startMs), x(endMs), top, word);
      });
    })
    .join("");
}

function bar(left: number, right: number, top: number, word: string): string {
  const width = Math.max(right - left, 2);
  const text = word.length * CHAR < width - 6 ? `<text x=${round(left + 4)} y=${top + 15}>${word}</text>` : "";
  return `<g class=hb><rect x=${round(left)} y=${top + 5} width=${round(width)} height=12 />${text}</g>`;
}

/** The signs on their lanes; a mark that lasts is a band behind its sign. */
export const markSigns = (marks: readonly Mark[], x: Scale, tops: LaneTops, endMs: number): string =>
  marks
    .slice(0, MARKS_SHOWN)
    .map((mark) => sign(mark, x, tops, endMs))
    .join("");

function sign({ kind, place, atMs, endMs, text }: Mark, x: Scale, tops: LaneTops, lastMs: number): string {
  const top = tops.get(place);
  if (top === undefined) return "";
  const left = round(x(Math.min(atMs, lastMs)));
  const lasts = endMs === undefined ? "" : ` for ${span(Math.min(endMs, lastMs) - atMs)}`;
  const band =
    endMs === undefined
      ? ""
      : `<rect x=${left} y=${top + 3} width=${Math.max(round(x(Math.min(endMs, lastMs))) - left, 2)} height=16 />`;
  return `<g class="mk ${kind}"><title>${escapeHtml(place, 80)}: ${escapeHtml(text, 300)}${lasts}</title>${band}<path d="${shape(kind, left, top + 11)}"/></g>`;
}

function shape(kind: MarkKind, x: number, y: number): string {
  switch (kind) {
    case "postcopy":
      return `M${x} ${y - HALF}l5 8-5 8-5-8z`;
    case "fault":
      return `M${x} ${y - 7}l7 13h-14z`;
    case "lost":
      return `M${x - 5} ${y - 5}l10 10m0-10-10 10`;
    case "oom":
      return `M${x - 7} ${y - 6}h14l-7 13z`;
  }
}

/** What the signs mean that are drawn, and how many of all are not; nothing where there is none. */
export function markLegend(marks: readonly Mark[], all: number): string {
  if (all === 0) return "";
  const drawn = marks.slice(0, MARKS_SHOWN);
  const kinds = (Object.keys(KINDS) as MarkKind[]).filter((kind) => drawn.some((mark) => mark.kind === kind));
  const items = kinds.map(
    (kind) =>
      `<li><svg viewBox="0 0 16 20" aria-hidden=true><g class="mk ${kind}"><path d="${shape(kind, 8, 10)}"/></g></svg>${KINDS[kind]}`,
  );
  const hidden = all - drawn.length;
  return `<ul class="lg mks">${items.join("")}${hidden > 0 ? `<li>${hidden} more in evidence.json` : ""}</ul>`;
}

const round = Math.round;
