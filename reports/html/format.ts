import type { Status } from "../../lib/model/status.js";
import { labelOf } from "../console/colour.js";
import { escapeHtml } from "./escape.js";

/** As a name: a text of which all characters are of one byte takes half the memory, and a job has hundreds of megabytes of pages. */
export const ARROW = "&rarr;";

/** A number that was not measured is a dash, never a zero. */
export const NOT_MEASURED = '<span class="na" title="not measured">–</span>';

export const seconds = (ms: number): string => (ms / 1000).toFixed(ms < 100_000 ? 2 : 1);

/** `4 min 07 s`, for people; below two minutes in seconds. */
export function span(ms: number): string {
  if (ms < 120_000) return `${seconds(ms)} s`;
  const whole = Math.round(ms / 1000);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours > 0 ? `${hours} h ${two(minutes)} min` : `${minutes} min ${two(rest)} s`;
}

export const wholeOrDash = (value: number | undefined): string =>
  value === undefined ? NOT_MEASURED : String(Math.round(value));

export const mebibytesOrDash = (bytes: number | undefined): string =>
  bytes === undefined ? NOT_MEASURED : (bytes / 2 ** 20).toFixed(1);

export const badge = (status: Status): string => `<b class="b ${status}">${labelOf(status)}</b>`;

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/PerSecond$/, "/s"],
  [/Ms$/, "ms"],
  [/MiB$/, "MiB"],
  [/Bytes$/, "B"],
  [/Percent$/, "%"],
  [/S$/, "s"],
];

/** `longestMs: 412` → `longest 412 ms`: a measured value's name ends in its unit. */
export function measuredText(name: string, value: number): string {
  const [suffix, unit] = UNITS.find(([pattern]) => pattern.test(name)) ?? [/$/, ""];
  const words = name
    .replace(suffix, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase();
  const number = Number.isInteger(value) ? String(value) : value.toFixed(1);
  return `${escapeHtml(words, 80)} <b>${number}</b>${unit === "" ? "" : ` ${unit}`}`;
}
