import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { failureSignature } from "../signature.js";
import { orNothing, wentWrong, whyOf } from "../summary.js";
import { moreNote } from "./budget.js";
import { measuredList } from "./checks.js";
import { escapeHtml } from "./escape.js";
import { badge, plural, seconds } from "./format.js";

const GROUPS_SHOWN = 50;
const CASES_SHOWN = 200;
const CHECKS_SHOWN = 6;

interface Wrong {
  readonly result: CaseResult;
  /** From 1, as in the list. */
  readonly number: number;
}

/** Cases that went wrong in the same way; at least one. */
interface Group {
  readonly signature: string;
  readonly example: Wrong;
  readonly all: readonly Wrong[];
}

/**
 * What went wrong, proven faults before mere errors and frequent ones before rare ones: the first thing that a reader is to
 * see. Cases of one signature stand together, with the first of them as the example.
 */
export function wrongs(job: JobResult): string {
  const groups = groupsOf(job);
  if (groups.length === 0) return "";
  const hidden = groups.slice(GROUPS_SHOWN).reduce((sum, { all }) => sum + all.length, 0);
  return [
    "<section aria-labelledby=wrong><h2 id=wrong>What went wrong</h2>",
    ...groups.slice(0, GROUPS_SHOWN).map((group) => (group.all.length === 1 ? single(group.example) : several(group))),
    moreNote(hidden, "case").replace("in results.json", "in the table below"),
    "</section>",
  ].join("\n");
}

function groupsOf({ cases, hosts }: JobResult): Group[] {
  const names = hosts.map(({ host }) => host);
  const groups = new Map<string, [Wrong, ...Wrong[]]>();
  for (const [index, result] of cases.entries()) {
    const signature = failureSignature(result, names);
    if (signature === undefined || !wentWrong(result)) continue;
    const wrong = { result, number: index + 1 };
    const known = groups.get(signature);
    if (known === undefined) groups.set(signature, [wrong]);
    else known.push(wrong);
  }
  return [...groups]
    .map(([signature, all]) => ({ signature, example: all[0], all }))
    .sort((a, b) => rank(a.example.result) - rank(b.example.result) || b.all.length - a.all.length);
}

const rank = ({ status }: CaseResult): number => ["FAIL", "ERROR", "INTERRUPTED"].indexOf(status);

const single = ({ result, number }: Wrong): string =>
  `<article class="card ${result.status}"><h3>${badge(result.status)} ${linkTo({ result, number })}</h3>${told(result)}</article>`;

function several({ signature, example, all }: Group): string {
  const { status } = example.result;
  const bare = signature.startsWith(status) ? signature.slice(status.length).replace(/^:/, "").trim() : signature;
  const shown = all.slice(0, CASES_SHOWN);
  return [
    `<article class="card ${status} group"><h3>${badge(status)} <b>${plural(all.length, "case")}</b> <span class="sig t">${escapeHtml(bare, 300)}</span></h3>`,
    `<div class=eg>e.g. ${linkTo(example)}${told(example.result)}</div>`,
    `<details><summary>All ${plural(all.length, "case")}</summary><ul class=ids>${shown.map((one) => `<li>${linkTo(one)}`).join("")}</ul>`,
    moreNote(all.length - shown.length, "case").replace("in results.json", "in the table below"),
    "</details></article>",
  ].join("");
}

const linkTo = ({ result, number }: Wrong): string =>
  `<a href="#case-${number}">${escapeHtml(result.case.id)}</a> <small>${seconds(result.durationMs)} s</small>`;

function told(result: CaseResult): string {
  const bad = result.checks.filter((check) => check.status === "FAIL" || check.status === "ERROR");
  const why = whyOf(result);
  const isToldByCheck = bad.some(({ message }) => orNothing(message) === why);
  return [
    why === undefined || isToldByCheck ? "" : `<p class=t>${escapeHtml(why)}</p>`,
    result.reason === undefined || orNothing(result.reason) === why
      ? ""
      : `<p class=t>${escapeHtml(result.reason)}</p>`,
    bad.length === 0 ? "" : `<ul>${bad.slice(0, CHECKS_SHOWN).map(line).join("")}</ul>`,
    moreNote(Math.max(0, bad.length - CHECKS_SHOWN), "check"),
  ].join("");
}

const line = ({ check, message, measured }: CaseResult["checks"][number]): string =>
  `<li><b>${escapeHtml(check, 80)}</b> <span class=t>${escapeHtml(message)}</span>${measuredList(measured)}`;
