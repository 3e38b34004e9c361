import type { Status } from "../lib/model/status.js";
import { STATUSES } from "../lib/model/status.js";
import { escapeHtml } from "./html/escape.js";
import { LIVE_SCRIPT } from "./live-script.js";
import { LIVE_STYLE } from "./live-style.js";

/** A job's folder in the list. */
export interface ListedJob {
  /** Below the results folder; of a pass with that of its soak: `soak-…/job-…`. */
  readonly folder: string;
  /** Absent: it runs, was cut off, or its results cannot be read. */
  readonly counts?: Readonly<Record<Status, number>>;
  readonly hasReport: boolean;
}

export interface LivePage {
  readonly jobs: readonly ListedJob[];
  /** Jobs that there are and that are not listed. */
  readonly unlisted: number;
  /** The job that is shown live; absent: there is none. */
  readonly shown?: string;
  /** Cases that the job has planned; absent: nobody knows yet. */
  readonly planned?: number;
  /** Whether the newest job is to be shown whenever a new one begins. */
  readonly isNewest: boolean;
  /** Path of the server's own root, with both slashes: `/TOKEN/`. */
  readonly root: string;
  /** Goes with the Content-Security-Policy of the answer. */
  readonly nonce: string;
}

/** The page of `serve`. Pure; what comes from folders is escaped, and what comes later is put in as text by the script. */
export const renderLivePage = (page: LivePage): string =>
  [
    `<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width, initial-scale=1">`,
    `<title>migstorm</title><style nonce="${escapeHtml(page.nonce)}">${LIVE_STYLE}</style></head><body>`,
    page.shown === undefined ? "<h1>No job yet</h1><p>The page shows the first one when it begins.</p>" : "",
    live(page),
    "<h2>Jobs</h2>",
    page.jobs.length === 0 ? "<p>None.</p>" : list(page),
    page.unlisted > 0 ? `<p class=soft>and ${page.unlisted} older ones in the folder</p>` : "",
    `<script nonce="${escapeHtml(page.nonce)}">${LIVE_SCRIPT}</script></body></html>`,
    "",
  ].join("\n");

const live = ({ shown, root, isNewest, planned }: LivePage): string =>
  [
    `<main data-events="${escapeHtml(eventsOf(root, isNewest ? undefined : shown))}" data-job="${escapeHtml(shown ?? "")}"`,
    ` data-planned="${planned ?? ""}" data-files="${escapeHtml(shown === undefined ? "" : filesOf(root, shown))}"${shown === undefined ? " hidden" : ""}>`,
    `<h1 id=headline>${escapeHtml(shown ?? "")}</h1>`,
    "<p id=told class=soft role=status>Waiting for the first news …</p>",
    "<progress id=progress max=1 value=0 aria-label='cases with a verdict'></progress><p id=counts></p>",
    "<h2>Now</h2><p id=now></p>",
    "<table id=legs hidden><caption>Migrations under way</caption><thead><tr><th>Leg<th>Guest<th>From, to<th>Remaining<th>MB/s<th>Runs for</thead><tbody></tbody></table>",
    "<h2>Verdicts, the latest first</h2><table id=verdicts><thead><tr><th>Verdict<th>Case<th>Why<th>Took</thead><tbody></tbody></table>",
    "</main>",
  ].join("\n");

const list = ({ jobs, root }: LivePage): string =>
  [
    "<table><thead><tr><th>Job<th>Verdicts<th>Report<th>Files</thead><tbody>",
    ...jobs.map(
      ({ folder, counts, hasReport }) =>
        `<tr><th scope=row><a href="${escapeHtml(`${root}job/${encoded(folder)}`)}">${escapeHtml(folder)}</a><td>${counts === undefined ? "<span class=soft>no results yet</span>" : countsText(counts)}<td>${hasReport ? `<a href="${escapeHtml(filesOf(root, folder))}results.html">results.html</a>` : ""}<td><a href="${escapeHtml(filesOf(root, folder))}">files</a>`,
    ),
    "</tbody></table>",
  ].join("\n");

const countsText = (counts: Readonly<Record<Status, number>>): string =>
  STATUSES.filter((status) => counts[status] > 0)
    .map((status) => `<b class=${status}>${counts[status]} ${status}</b>`)
    .join(" ");

/** A folder of files, as a page of links. */
export const renderFolderPage = (title: string, entries: readonly string[], nonce: string): string =>
  [
    `<!doctype html><html lang=en><head><meta charset=utf-8><title>${escapeHtml(title)}</title>`,
    `<style nonce="${escapeHtml(nonce)}">${LIVE_STYLE}</style></head><body><h1>${escapeHtml(title)}</h1><ul>`,
    '<li><a href="../">..</a>',
    ...entries.map((name) => `<li><a href="./${escapeHtml(encoded(name), 4_000)}">${escapeHtml(name)}</a>`),
    "</ul></body></html>",
    "",
  ].join("\n");

const eventsOf = (root: string, job: string | undefined): string =>
  job === undefined ? `${root}events` : `${root}events/${encoded(job)}`;
const filesOf = (root: string, job: string): string => `${root}files/${encoded(job)}/`;
/** A path in a link: each name is encoded, a slash stays one. */
const encoded = (path: string): string =>
  path
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
