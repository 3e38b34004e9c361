import type { CheckResult } from "../../lib/model/check.js";
import { foremost, moreNote, type Share } from "./budget.js";
import { escapeHtml } from "./escape.js";
import { badge, measuredText } from "./format.js";
import { kernelLog, lineAnchor } from "./log-anchor.js";

const MEASURED_SHOWN = 12;
const LINES_SHOWN = 10;

/**
 * Every check with its verdict, its words and the numbers behind it.
 * @param logs where the page of the case's logs lies; absent: there is none to point to
 */
export function checkTable(checks: readonly CheckResult[], share: Share, logs?: string): string {
  if (checks.length === 0) return "<h4>Checks</h4><p class=more>Nothing was judged.</p>";
  const told = share.isTerse ? checks.filter(isTelling) : checks;
  const shown = foremost(told, share.checks, ({ status }) => Number(status !== "PASS"));
  const rows = shown.map(
    ({ check, status, message, measured, lines }) =>
      `<tr><td>${badge(status)}<td>${escapeHtml(check, 80)}<td>${escapeHtml(message)}${measuredList(measured)}${lineLinks(lines, logs)}`,
  );
  const table = rows.length === 0 ? "" : `<table class=checks>${rows.join("")}</table>`;
  const named = checks.filter((check) => !told.includes(check));
  return `<h4>Checks</h4>${table}${alsoPassed(named, share)}${moreNote(told.length - shown.length, "check")}`;
}

/** Ways from a verdict to the lines that made it. */
function lineLinks(lines: CheckResult["lines"], logs: string | undefined): string {
  if (lines === undefined || logs === undefined) return "";
  const links = lines
    .slice(0, LINES_SHOWN)
    .map(
      ({ place, line }) =>
        `<a href="${logs}#${lineAnchor(kernelLog(place), line)}">${escapeHtml(place, 80)} line ${line}</a>`,
    );
  return ` <span class=m>${links.join(" ")}</span>`;
}

const isTelling = ({ status, measured }: CheckResult): boolean => status !== "PASS" || measured !== undefined;

const alsoPassed = (named: readonly CheckResult[], { checks }: Share): string =>
  named.length === 0 ? "" : `<p class=more>PASS too: ${namesOf(named, checks)}</p>`;

const namesOf = (checks: readonly CheckResult[], limit: number): string =>
  `${checks
    .slice(0, limit)
    .map(({ check }) => escapeHtml(check, 80))
    .join(", ")}${checks.length > limit ? ", …" : ""}`;

const NAMES_SHOWN = 60;

/** What was not content in full, and what was by its name alone. */
export function checksInBrief(checks: readonly CheckResult[], share: Share, logs?: string): string {
  const content = checks.filter(({ status }) => status === "PASS");
  const others = checks.filter(({ status }) => status !== "PASS");
  const names = content.length === 0 ? "" : `<p class=more>PASS: ${namesOf(content, NAMES_SHOWN)}</p>`;
  return `${others.length === 0 ? "" : checkTable(others, share, logs)}${names}`;
}

/** The measured values of one check, limits among them, each with its unit. */
export const measuredList = (measured: CheckResult["measured"]): string =>
  measured === undefined
    ? ""
    : ` <span class=m>${Object.entries(measured)
        .slice(0, MEASURED_SHOWN)
        .map(([name, value]) => `<span>${measuredText(name, value)}</span>`)
        .join("")}</span>`;
