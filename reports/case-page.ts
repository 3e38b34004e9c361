import type { Evidence } from "../lib/model/check.js";
import type { Profile } from "../lib/model/profile.js";
import type { CaseResult } from "../lib/model/result.js";
import { CASE_LOGS } from "./beside.js";
import { marksOf } from "./charts/marks.js";
import { pathCharts } from "./charts/path-lines.js";
import { progressCharts } from "./charts/progress-lines.js";
import { silenceChart } from "./charts/silence-lines.js";
import { type Share, WHOLE } from "./html/budget.js";
import { phaseList, reason } from "./html/case-detail.js";
import { checkTable } from "./html/checks.js";
import { commandList } from "./html/commands.js";
import { escapeHtml } from "./html/escape.js";
import { badge, seconds } from "./html/format.js";
import { legPathTable } from "./html/leg-path.js";
import { lineChart } from "./html/line-chart.js";
import { migrationTable } from "./html/migrations.js";
import { page } from "./html/page.js";
import { profileText } from "./html/profile-text.js";
import { settingTable } from "./html/settings.js";
import { spanOf, timeline } from "./html/timeline.js";

/** Of a case alone on its page every command has room, but for a case that ran for hours. */
const SHARE: Share = { ...WHOLE, commandBytes: 1_000_000 };

export interface CasePageParts {
  /** As it was stored; of an older version, or of a case that broke off, less of it. */
  readonly evidence: Partial<Evidence>;
  /** Names of the files in the case's folder, for links. */
  readonly files: readonly string[];
  /** Its number in the job's page, from 1. */
  readonly number: number;
  /** Of the job; absent: the case ran as its scenario says. */
  readonly profile?: Profile | undefined;
}

/**
 * One case on a page of its own: the lanes of its guests and hosts, under them on the same axis what was measured meanwhile, then
 * checks, migrations and every command. Beside the job's page, because a thousand of these are more than a browser should be
 * given at once.
 */
export function renderCasePage(result: CaseResult, { evidence, files, number, profile }: CasePageParts): string {
  const { id } = result.case;
  const drawn = caseCharts(result, evidence);
  const startMs = spanOf(result)?.startMs;
  return page(`${id.slice(0, 200)}: over time`, [
    `<header><p class=over><a href="../../results.html#case-${number}">results.html</a></p>`,
    `<h1>${badge(result.status)} <span class=id>${escapeHtml(id, 300)}</span> <small>${seconds(result.durationMs)} s</small></h1></header>`,
    `<main class=${result.status}>`,
    reason(result, ""),
    profile === undefined ? "" : `<p class=more>Profile ${profileText(profile)}</p>`,
    timeline(result, SHARE, marksOf(evidence)),
    drawn === "" ? "<p class=more>Nothing was measured over time.</p>" : drawn,
    `<p class=more>${NOTE}</p>`,
    checkTable(result.checks, SHARE, files.includes(CASE_LOGS) ? CASE_LOGS : undefined),
    migrationTable(result.migrations, SHARE),
    legPathTable(result, SHARE),
    settingTable(result.settings, SHARE),
    phaseList(result.phases),
    fileList(files),
    commandList(result.commands, SHARE, { isOpen: true, ...(startMs === undefined ? {} : { originMs: startMs }) }),
    "</main>",
  ]);
}

/** What was measured of a case over time, as charts under each other on one axis; empty when nothing was. */
export function caseCharts(result: CaseResult, evidence: Partial<Evidence>): string {
  const span = spanOf(result);
  if (span === undefined) return "";
  const { path } = evidence;
  const specs = [silenceChart(result), ...progressCharts(evidence), ...(path === undefined ? [] : pathCharts(path))];
  return specs.map((spec) => lineChart(spec, span, result.legs)).join("");
}

const FILES_SHOWN = 100;

/** A name that a link would read otherwise stays out of it. */
const fileList = (files: readonly string[]): string => {
  const links = files
    .filter((name) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)?$/.test(name))
    .slice(0, FILES_SHOWN)
    .map((name) => `<li><a href="${name}">${name}</a>`);
  return links.length === 0 ? "" : `<h4>Files</h4><ul class=files>${links.join("")}</ul>`;
};

const NOTE =
  "Bands are legs. Memory remaining and dirty rate are what libvirt said when it was asked: each second where somebody looked on, each five otherwise. Bytes are those of IP packets in the captures, to and from a port together; their seconds are those of the host's clock, which was asked when the capture began: good to half a second. All numbers are in evidence.json.";
