import type { CaseResult, PhaseRecord } from "../../lib/model/result.js";
import { type BesideCase, CASE_LOGS, CASE_PAGE, LOOK_FILE } from "../beside.js";
import { keptText } from "../story.js";
import { orNothing, wentWrong, whyOf } from "../summary.js";
import type { Share } from "./budget.js";
import { checksInBrief, checkTable } from "./checks.js";
import { commandList } from "./commands.js";
import { escapeHtml } from "./escape.js";
import { badge, seconds } from "./format.js";
import { legPathTable } from "./leg-path.js";
import { migrationTable } from "./migrations.js";
import { settingTable } from "./settings.js";
import { timeline } from "./timeline.js";

const PHASES_SHOWN = 60;

interface DetailOptions {
  readonly isOpen: boolean;
  /** Nothing lies beside the page, whatever lay beside it where it was made. */
  readonly isAlone: boolean;
  readonly beside: BesideCase | undefined;
}

/**
 * What the page tells of one case, folded away until it is asked for: all of it, or where it is one of many and has a page of its
 * own, what was judged, and how a case that went wrong went. In a page that goes out alone those of many that passed are brief. `number` counts from 1.
 */
export const caseDetail = (
  result: CaseResult,
  number: number,
  share: Share,
  { isOpen, isAlone, beside }: DetailOptions,
): string => {
  const isOwn = beside !== undefined && beside.charts === undefined;
  const isBrief = share.isOneOfMany && (isAlone ? !wentWrong(result) : isOwn);
  const isDrawn = !isBrief || wentWrong(result);
  const logs = beside?.hasLogs ? `${folderOf(result)}${CASE_LOGS}` : undefined;
  return [
    `<details class="case ${result.status}" data-i=${number}${isOpen ? " open" : ""}>`,
    `<summary>${badge(result.status)} <span class=id>${escapeHtml(result.case.id)}</span>${took(result)}</summary>`,
    // The anchor stands inside: a browser opens a closed element that the target lies in, also without scripts.
    `<div id=case-${number} class=in>`,
    reason(result, isAlone ? undefined : folderOf(result)),
    isDrawn ? timeline(result, share, beside?.marks) : "",
    beside === undefined ? "" : (beside.charts ?? besideLinks(result, beside, isBrief)),
    isDrawn ? checkTable(result.checks, share, logs) : checksInBrief(result.checks, share, logs),
    isDrawn ? migrationTable(result.migrations, share) : "",
    isBrief ? "" : inFull(result, share),
    "</div></details>",
  ].join("");
};

const inFull = (result: CaseResult, share: Share): string =>
  [
    legPathTable(result, share),
    settingTable(result.settings, share),
    phaseList(result.phases),
    commandList(result.commands, share),
    share.isTerse ? "" : `<p class=more>${origin(result)}</p>`,
  ].join("");

/** The id of a case that has a page is the name of a folder, and has nothing in it that a link would read otherwise. */
const folderOf = ({ case: { id } }: CaseResult): string => `test-results/${escapeHtml(id)}/`;

const besideLinks = (result: CaseResult, { hasLogs }: BesideCase, isBrief: boolean): string => {
  const page = `<a href="${folderOf(result)}${CASE_PAGE}">The case over time</a>`;
  const told = isBrief ? "" : ": silence, memory remaining, bytes on the ports, CPU, every command";
  const logs = hasLogs ? ` · <a href="${folderOf(result)}${CASE_LOGS}">Logs</a>` : "";
  return `<p class=more>${page}${told}${logs}</p>`;
};

/** A case that never started took no time worth telling. */
const took = ({ durationMs }: CaseResult): string =>
  durationMs === 0 ? "" : ` <small>${seconds(durationMs)} s</small>`;

/** @param folder of the case, as a link from the page that this is on; absent: the page stands alone */
export function reason(result: CaseResult, folder?: string): string {
  const why = whyOf(result);
  const told = new Set([why, result.reason].flatMap((text) => (text === undefined ? [] : [orNothing(text)])));
  const kind = wentWrong(result) ? "why bad" : "why";
  return [
    ...[...told].map((text) => `<p class="${kind} t">${escapeHtml(text)}</p>`),
    keptParagraph(result, folder),
    ...(result.leftovers.length === 0
      ? []
      : [
          `<h4>Not put back</h4><ul class=left>${result.leftovers
            .slice(0, 50)
            .map((left) => `<li>${escapeHtml(left, 500)}`)
            .join("")}</ul>`,
        ]),
  ].join("");
}

function keptParagraph({ kept }: CaseResult, folder: string | undefined): string {
  if (kept === undefined) return "";
  const link = folder === undefined ? "" : `: <a href="${folder}${LOOK_FILE}">how to look</a>`;
  return `<p class=more>${escapeHtml(keptText(kept))}${link}</p>`;
}

export function phaseList(phases: readonly PhaseRecord[]): string {
  if (phases.length === 0) return "";
  const items = phases
    .slice(0, PHASES_SHOWN)
    .map(
      ({ name, durationMs, note, error }) =>
        `<li><span>${seconds(durationMs)}</span><span>${escapeHtml(name, 120)}${note === undefined ? "" : ` <small class=t>${escapeHtml(note, 500)}</small>`}${error === undefined ? "" : ` <b class="x t">${escapeHtml(error, 500)}</b>`}</span>`,
    );
  const hidden = phases.length - items.length;
  return `<h4>Phases, s</h4><ul class=ph>${items.join("")}${hidden > 0 ? `<li>… ${hidden} more in results.json` : ""}</ul>`;
}

function origin({ case: { scenario, variants, tags, testIds } }: CaseResult): string {
  const parts = [
    `Scenario ${escapeHtml(scenario, 120)}`,
    ...(variants.length === 0 ? [] : [`variants ${escapeHtml(variants.join(", "), 500)}`]),
    ...(tags.length === 0 ? [] : [`tags ${escapeHtml(tags.join(", "), 300)}`]),
    ...(testIds.length === 0 ? [] : [`tests ${escapeHtml(testIds.join(", "), 300)}`]),
  ];
  return parts.join(" · ");
}
