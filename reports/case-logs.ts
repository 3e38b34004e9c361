import type { Evidence, KernelLine, KernelLog, LogLine } from "../lib/model/check.js";
import type { CaseResult } from "../lib/model/result.js";
import { CASE_PAGE } from "./beside.js";
import { escapeHtml } from "./html/escape.js";
import { badge } from "./html/format.js";
import { keptLines } from "./html/kept-lines.js";
import { anchorOfLine, kernelLog, type LogName, logAnchor } from "./html/log-anchor.js";
import { page } from "./html/page.js";

/** A text file of a case. */
export interface LogFile extends LogName {
  readonly text: string;
  /** Bytes at its end that were not read; absent: all of it is there. */
  readonly leftOutBytes?: number;
}

interface Log extends LogName {
  readonly lines: readonly string[];
  readonly note?: string;
}

/** For all logs of a page together. */
const PAGE_BYTES = 4_000_000;
const LINE_CHARS = 600;
/** What a line takes beside its text. */
const LINE_BYTES = 70;
const LOGS_SHOWN = 120;

/**
 * The logs of one case on a page, each line with an anchor of its own (`#h1-kernel-L12`): what the kernels of hosts and guests
 * said while it ran, what was collected from the hosts, what top showed. Of more than fits beginnings and ends stay, and the
 * lines that checks point to. Undefined where there is not one line.
 */
export function renderCaseLogs(
  result: CaseResult,
  evidence: Partial<Evidence>,
  files: readonly LogFile[],
): string | undefined {
  const all = [...kernelLogs(evidence), ...files.map(fileLog)];
  const logs = all.filter(({ lines, note }) => lines.length > 0 || note !== undefined).slice(0, LOGS_SHOWN);
  if (!logs.some(({ lines }) => lines.length > 0)) return undefined;
  const pointed = result.checks.flatMap(({ lines }) => lines ?? []);
  return page(`${result.case.id.slice(0, 200)}: logs`, [
    `<header><p class=over><a href="../../results.html">results.html</a> · <a href="${CASE_PAGE}">the case over time</a></p>`,
    `<h1>${badge(result.status)} <span class=id>${escapeHtml(result.case.id, 300)}</span> <small>logs</small></h1>`,
    `<nav><ul class=lg>${logs.map((log) => `<li><a href="#${logAnchor(log)}">${escapeHtml(log.place, 120)} ${escapeHtml(log.log, 40)}</a> <small>${log.lines.length}</small>`).join("")}</ul></nav></header>`,
    "<main>",
    ...logs.map((log) => logSection(log, pointed, PAGE_BYTES / logs.length)),
    "</main>",
  ]);
}

const EXCERPT_LINES = 3;

/** Of the kernels' logs the lines that checks point to, with a few around them; empty when none does. Without anchors. */
export function logExcerpts({ checks }: Pick<CaseResult, "checks">, evidence: Partial<Evidence>): string {
  const pointed = checks.flatMap(({ lines }) => lines ?? []);
  return kernelLogs(evidence)
    .map((log) => {
      const own = pointed.filter(({ place }) => place === log.place).map(({ line }) => line);
      const rows = log.lines.flatMap((line, index) => {
        const number = index + 1;
        if (!own.some((one) => Math.abs(one - number) <= EXCERPT_LINES)) return [];
        const kind = own.includes(number) ? " class=red" : "";
        return [`<li${kind}><span>${number}</span><code>${lineText(line)}</code>`];
      });
      return rows.length === 0
        ? ""
        : `<h4>Kernel log of ${escapeHtml(log.place, 120)}</h4><ol class=log>${rows.join("")}</ol>`;
    })
    .join("");
}

const kernelLogs = ({ hosts = [], guests = [] }: Partial<Evidence>): Log[] => [
  ...hosts.map((one) => ofKernel(one.host, one.kernelLog)),
  ...guests.map((one) => ofKernel(one.guest, one.kernelLog)),
];

const ofKernel = (place: string, log: KernelLog): Log =>
  "lost" in log
    ? { ...kernelLog(place), lines: [], note: `lost: ${log.lost}` }
    : { ...kernelLog(place), lines: log.added.map(kernelText), ...noteOf(log) };

const noteOf = ({ leftOutLines, cutOff }: Extract<KernelLog, { readonly added: unknown }>): Pick<Log, "note"> =>
  leftOutLines === undefined
    ? {}
    : { note: `${leftOutLines} more lines were not kept: ${cutOff ?? "none that a check judges"}` };

const kernelText = ({ level, text, atMs }: KernelLine): string =>
  `<${level}> ${atMs === undefined ? "" : `[${(atMs / 1000).toFixed(1)} s] `}${text}`;

function fileLog({ place, log, text, leftOutBytes }: LogFile): Log {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return {
    place,
    log,
    lines,
    ...(leftOutBytes === undefined ? {} : { note: `${leftOutBytes} more bytes in the file` }),
  };
}

function logSection(log: Log, pointed: readonly LogLine[], bytes: number): string {
  const marked = new Set(
    pointed.filter(({ place }) => log.log === "kernel" && place === log.place).map(({ line }) => line),
  );
  const sizes = log.lines.map((line) => LINE_BYTES + Math.min(line.length, LINE_CHARS));
  const anchor = logAnchor(log);
  let next = 1;
  let rows = "";
  for (const number of keptLines(sizes, marked, bytes)) {
    if (number > next) rows += leftOut(number - next);
    rows += lineRow(anchorOfLine(anchor, number), number, log.lines[number - 1] ?? "", marked.has(number));
    next = number + 1;
  }
  if (next <= log.lines.length) rows += leftOut(log.lines.length + 1 - next);
  const note = log.note === undefined ? "" : `<p class=more>${escapeHtml(log.note, 500)}</p>`;
  return `<section><h2 id="${anchor}">${escapeHtml(log.place, 120)} <small>${escapeHtml(log.log, 40)}</small></h2><ol class=log>${rows}</ol>${note}</section>`;
}

const lineRow = (anchor: string, number: number, text: string, isMarked: boolean): string =>
  `<li id="${anchor}"${isMarked ? " class=red" : ""}><a href="#${anchor}">${number}</a><code>${lineText(text)}</code>`;

/** Cut off in a way of its own: results.json has no logs. */
const lineText = (line: string): string =>
  escapeHtml(line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS)}…` : line);

const leftOut = (count: number): string => `<li class=gap>… ${count} line${count === 1 ? "" : "s"} left out here`;
