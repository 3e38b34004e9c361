import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { wentWrong, whyOf } from "../summary.js";
import { moreNote } from "./budget.js";
import { measuredList } from "./checks.js";
import { escapeHtml } from "./escape.js";
import { badge, seconds } from "./format.js";

const CARDS_SHOWN = 50;
const CHECKS_SHOWN = 6;

/** What went wrong, case by case, proven faults before mere errors: the first thing that a reader is to see. */
export function wrongs({ cases }: JobResult): string {
  const wrong = cases
    .map((result, index) => ({ result, number: index + 1 }))
    .filter(({ result }) => wentWrong(result))
    .sort((a, b) => rank(a.result) - rank(b.result));
  if (wrong.length === 0) return "";
  return [
    "<section aria-labelledby=wrong><h2 id=wrong>What went wrong</h2>",
    ...wrong.slice(0, CARDS_SHOWN).map(({ result, number }) => card(result, number)),
    moreNote(Math.max(0, wrong.length - CARDS_SHOWN), "case").replace("in results.json", "in the table below"),
    "</section>",
  ].join("\n");
}

const rank = ({ status }: CaseResult): number => ["FAIL", "ERROR", "INTERRUPTED"].indexOf(status);

function card(result: CaseResult, number: number): string {
  const { status, checks, durationMs } = result;
  const bad = checks.filter((check) => check.status === "FAIL" || check.status === "ERROR");
  const why = whyOf(result);
  const isToldByCheck = bad.some(({ message }) => message === why);
  return [
    `<article class="card ${status}"><h3>${badge(status)} <a href="#case-${number}">${escapeHtml(result.case.id)}</a> <small>${seconds(durationMs)} s</small></h3>`,
    why === undefined || isToldByCheck ? "" : `<p class=t>${escapeHtml(why)}</p>`,
    result.reason === undefined || result.reason === why ? "" : `<p class=t>${escapeHtml(result.reason)}</p>`,
    bad.length === 0 ? "" : `<ul>${bad.slice(0, CHECKS_SHOWN).map(line).join("")}</ul>`,
    moreNote(Math.max(0, bad.length - CHECKS_SHOWN), "check"),
    "</article>",
  ].join("");
}

const line = ({ check, message, measured }: CaseResult["checks"][number]): string =>
  `<li><b>${escapeHtml(check, 80)}</b> <span class=t>${escapeHtml(message)}</span>${measuredList(measured)}`;
