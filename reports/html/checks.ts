import type { CheckResult } from "../../lib/model/check.js";
import { foremost, moreNote, type Share } from "./budget.js";
import { escapeHtml } from "./escape.js";
import { badge, measuredText } from "./format.js";

const MEASURED_SHOWN = 12;

/** Every check with its verdict, its words and the numbers behind it. */
export function checkTable(checks: readonly CheckResult[], share: Share): string {
  if (checks.length === 0) return "<h4>Checks</h4><p class=more>Nothing was judged.</p>";
  const shown = foremost(checks, share.checks, ({ status }) => Number(status !== "PASS"));
  const rows = shown.map(
    ({ check, status, message, measured }) =>
      `<tr><td>${badge(status)}<td>${escapeHtml(check, 80)}<td class=t>${escapeHtml(message)}${measuredList(measured)}`,
  );
  return `<h4>Checks</h4><table class=checks>${rows.join("")}</table>${moreNote(checks.length - shown.length, "check")}`;
}

/** The measured values of one check, limits among them, each with its unit. */
export const measuredList = (measured: CheckResult["measured"]): string =>
  measured === undefined
    ? ""
    : ` <span class=m>${Object.entries(measured)
        .slice(0, MEASURED_SHOWN)
        .map(([name, value]) => `<span>${measuredText(name, value)}</span>`)
        .join("")}</span>`;
