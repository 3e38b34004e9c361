import type { CaseResult, HostFacts, JobResult } from "../../lib/model/result.js";
import type { Status } from "../../lib/model/status.js";
import { labelOf } from "../console/colour.js";
import { shellLine } from "../shell-line.js";
import { countByStatus, wentWrong } from "../summary.js";
import { escapeHtml } from "./escape.js";
import { plural, span } from "./format.js";
import { profileText } from "./profile-text.js";

/** From what went wrong to what went well: the order of the bar. */
const SHOWN: readonly Status[] = ["FAIL", "ERROR", "INTERRUPTED", "WARN", "PASS", "CANCEL", "SKIP"];

/** The top of the page: the verdict in one sentence, how the cases spread over the verdicts, and where it all ran. */
export const head = (job: JobResult): string =>
  [
    "<header>",
    `<p class=over>migstorm ${escapeHtml(job.version)} · job <code>${escapeHtml(job.jobId.slice(-7))}</code></p>`,
    `<h1>${headline(job)}</h1>`,
    spread(job),
    alarms(job),
    facts(job),
    hosts(job.hosts),
    "</header>",
  ].join("\n");

function headline({ cases }: JobResult): string {
  const wrong = cases.filter(wentWrong).length;
  const { SKIP, CANCEL, WARN } = countByStatus(cases);
  const ran = cases.length - SKIP - CANCEL;
  if (cases.length === 0) return "No case was planned";
  if (wrong > 0) return `${wrong} of ${plural(cases.length, "case")} went wrong`;
  if (ran === 0) return "No case ran";
  const close = WARN === 0 ? "" : `, ${WARN} worth a look`;
  return ran === cases.length
    ? `${ran === 1 ? "The case" : `All ${ran} cases`} held${close}`
    : `${ran} of ${cases.length} cases ran, and all held${close}`;
}

function spread({ cases }: JobResult): string {
  const counts = countByStatus(cases);
  const seen = SHOWN.filter((status) => counts[status] > 0);
  let left = 0;
  const parts = seen.map((status) => {
    const width = (counts[status] / cases.length) * 1000;
    const part = `<rect class=${status} x=${left.toFixed(1)} width=${width.toFixed(1)} height=8 />`;
    left += width;
    return part;
  });
  const label = seen.map((status) => `${counts[status]} ${labelOf(status)}`).join(", ");
  const items = seen.map(
    (status) =>
      `<li><button type=button class="chip ${status}" data-v=${status}><i></i>${labelOf(status)} <b>${counts[status]}</b></button>`,
  );
  return [
    `<svg class=spread viewBox="0 0 1000 8" preserveAspectRatio=none role=img aria-label="${label}">${parts.join("")}</svg>`,
    `<ul class=chips>${items.join("")}</ul>`,
  ].join("\n");
}

function alarms({ interrupted, leftovers, cases }: JobResult): string {
  const left = [...leftovers, ...cases.flatMap((result) => result.leftovers)];
  return [
    ...(interrupted ? ["<p class=alarm>The job was interrupted before its end.</p>"] : []),
    ...(left.length === 0
      ? []
      : [
          `<div class=alarm><p>Hosts were left changed; <code>migstorm recover</code> tries again:</p><ul>${left
            .slice(0, 20)
            .map((what) => `<li>${escapeHtml(what, 500)}`)
            .join("")}</ul>${left.length > 20 ? `<p>… ${left.length - 20} more in results.json</p>` : ""}</div>`,
        ]),
  ].join("\n");
}

const facts = ({ jobId, startedAt, durationMs, seed, argv, profile, runner, cases }: JobResult): string =>
  `<dl class=facts>${[
    ["Started", escapeHtml(startedAt.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC"))],
    ["Took", span(durationMs)],
    ["In legs", legsText(cases, durationMs)],
    ...(runner === undefined ? [] : [["Runner", `${span(runner.cpuS * 1000)} CPU, at most ${runner.peakMiB} MiB`]]),
    ["Job", `<code>${escapeHtml(jobId)}</code>`],
    ["Seed", `<code>${seed}</code>`],
    ["Command", `<code>${escapeHtml(shellLine(argv))}</code>`],
    ...(profile === undefined ? [] : [["Profile", profileText(profile)]]),
  ]
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
    .join("")}</dl>`;

/** How much of the time something migrated: the rest is boots, evidence and putting back. */
function legsText(cases: readonly CaseResult[], durationMs: number): string {
  const legsMs = cases.reduce((sum, { legs }) => sum + legs.reduce((all, leg) => all + leg.endMs - leg.startMs, 0), 0);
  return durationMs === 0 ? span(legsMs) : `${span(legsMs)} (${Math.round((legsMs / durationMs) * 100)} %)`;
}

const hosts = (all: readonly HostFacts[]): string =>
  all.length === 0
    ? ""
    : [
        "<div class=wide><table class=hosts><thead><tr><th scope=col>Host<th scope=col>System<th scope=col>libvirt<th scope=col>QEMU<th scope=col>Guests run on<th scope=col>SELinux<th scope=col>Daemons<th scope=col class=n>Free memory, MiB</thead><tbody>",
        ...all.map(
          (facts) =>
            `<tr><th scope=row>${escapeHtml(facts.host)}<td>${escapeHtml(facts.system)}<td>${escapeHtml(facts.libvirtVersion)}<td>${escapeHtml(facts.qemuVersion)}<td>${facts.virtType === "kvm" ? "KVM" : "TCG (emulation)"}<td>${facts.seLinux}<td>${escapeHtml(facts.daemons.join(", "))}<td class=n>${Math.round(facts.freeMemoryMiB)}`,
        ),
        "</tbody></table></div>",
      ].join("\n");
