import type { CaseResult, JobResult } from "../lib/model/result.js";
import type { Status } from "../lib/model/status.js";
import { channelCostLines } from "./channel-cost-text.js";
import { labelOf } from "./console/colour.js";
import { findingGroups } from "./finding-groups.js";
import { seconds } from "./html/format.js";
import { shortText } from "./short-text.js";
import { keptText } from "./story.js";
import { countByStatus, wentWrong, whyOf } from "./summary.js";

/** GitHub drops the whole summary of a step that is larger. */
export const STEP_SUMMARY_LIMIT_BYTES = 1024 * 1024;

const ROWS = 50;
const LIST_LIMIT = 20;
const TEXT_LIMIT = 300;

const COUNTED: readonly Status[] = ["PASS", "WARN", "FAIL", "ERROR", "INTERRUPTED", "SKIP", "CANCEL"];
const GRAVEST_FIRST: readonly Status[] = ["FAIL", "ERROR", "INTERRUPTED"];

/**
 * The job in GitHub's Markdown, for the summary page of a CI job: verdicts, what was left on a host, and the cases that
 * went wrong with one sentence each, those that warned by what they say. What it takes in is bounded, so that it is never near
 * GitHub's limit.
 */
export function renderStepSummary(job: JobResult): string {
  const wrong = job.cases.filter(wentWrong);
  const left = [...job.leftovers, ...job.cases.flatMap(({ leftovers }) => leftovers)];
  const kept = job.cases.flatMap((result) => (result.kept === undefined ? [] : [keptText(result.kept)]));
  return [
    `## migstorm: ${wrong.length} of ${job.cases.length} cases went wrong${job.interrupted ? ", stopped before its end" : ""}`,
    "",
    ...verdicts(job),
    ...about(job),
    ...(left.length === 0 ? [] : ["### Not put back", "", ...list(left), ""]),
    ...(kept.length === 0 ? [] : ["### Kept to be looked at", "", ...list(kept), ""]),
    ...(wrong.length === 0 ? [] : wrongTable(wrong)),
    ...warnTable(job),
    ...channelCostLines(job, code),
  ].join("\n");
}

function verdicts({ cases }: JobResult): string[] {
  const counts = countByStatus(cases);
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [row(COUNTED.map(labelOf)), row(COUNTED.map(() => "---:")), row(COUNTED.map((status) => counts[status])), ""];
}

const about = ({ jobId, version, seed, durationMs, profile, hosts }: JobResult): string[] => [
  `Job ${code(jobId)}, ${seconds(durationMs)} s, seed ${seed}, migstorm ${markdown(version)}${profile === undefined ? "" : `, profile ${code(profile.name)}`}`,
  "",
  ...hosts
    .slice(0, LIST_LIMIT)
    .flatMap(({ host, system, libvirtVersion, qemuVersion }) => [
      `- ${code(host)}: ${markdown(`${system}, libvirt ${libvirtVersion}, QEMU ${qemuVersion}`)}`,
    ]),
  "",
];

const list = (texts: readonly string[]): string[] => [
  ...texts.slice(0, LIST_LIMIT).map((text) => `- ${code(text)}`),
  ...more(texts.length - LIST_LIMIT),
];

function wrongTable(wrong: readonly CaseResult[]): string[] {
  const sorted = GRAVEST_FIRST.flatMap((status) => wrong.filter((result) => result.status === status));
  return [
    "### What went wrong",
    "",
    "| verdict | case | why |",
    "| --- | --- | --- |",
    ...sorted
      .slice(0, ROWS)
      .map((result) => `| ${labelOf(result.status)} | ${code(result.case.id)} | ${markdown(whyOf(result) ?? "")} |`),
    "",
    ...more(sorted.length - ROWS),
    "",
  ];
}

/** A whole matrix may warn of one thing: the same sentences stand together. */
function warnTable({ cases, hosts }: JobResult): string[] {
  const groups = findingGroups(
    cases.filter(({ status }) => status === "WARN"),
    hosts.map(({ host }) => host),
  );
  if (groups.length === 0) return [];
  return [
    "### Worth a look",
    "",
    "| cases that warn | check | for example | what it says there |",
    "| ---: | --- | --- | --- |",
    ...groups
      .slice(0, LIST_LIMIT)
      .map(
        ({ check = "", message, cases: own }) =>
          `| ${own.length} | ${markdown(check)} | ${code(own[0]?.case.id ?? "")} | ${markdown(message)} |`,
      ),
    "",
    ...more(groups.length - LIST_LIMIT),
    "",
  ];
}

const more = (count: number): string[] => (count > 0 ? [`and ${count} more in \`results.html\``] : []);

const code = (text: string): string => `<code>${markdown(text)}</code>`;

/**
 * Foreign text as it may stand anywhere in a line of ours. A character reference is text in Markdown and never syntax,
 * inside `<code>` too; what would make a link, a mention or a command of a CI server is taken apart the same way.
 */
const markdown = (text: string): string =>
  shortText(text, TEXT_LIMIT).replace(/[!"#$&'()*+<>@[\\\]^_`{|}~]|:(?=[/:])|(?<=:):|(?<=\bwww)\./gi, reference);

const reference = (char: string): string => `&#${char.charCodeAt(0)};`;
