import { plainLines, plainText } from "../lib/model/plain-text.js";
import type { CaseResult, JobResult } from "../lib/model/result.js";
import { scaleTexts } from "./scale-text.js";
import { shellLine } from "./shell-line.js";
import { countByStatus, whyOf } from "./summary.js";

/** GitLab refuses files of 30 MB and Jenkins holds the whole of it in memory. */
const FILE_LIMIT_BYTES = 10_000_000;
const BODY_LIMIT_BYTES = 8 * 1024;
const MESSAGE_LIMIT = 500;

/** How much is told of each case; less when the file would grow too large. */
const DETAILS = ["all", "no-bodies", "names-only"] as const;
type Detail = (typeof DETAILS)[number];

/** The job in the XML dialect that Jenkins and GitLab read: one suite for each scenario, one testcase for each case. */
export function renderJunit(job: JobResult): string {
  let file = "";
  for (const detail of DETAILS) {
    file = render(job, detail);
    if (Buffer.byteLength(file) <= FILE_LIMIT_BYTES) break;
  }
  return file;
}

const render = (job: JobResult, detail: Detail): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="migstorm"${counts(job.cases, job.durationMs)}>`,
    ...[...byScenario(job.cases)].flatMap(([scenario, cases]) => suite(job, scenario, cases, detail)),
    "</testsuites>",
    "",
  ].join("\n");

function byScenario(cases: readonly CaseResult[]): Map<string, CaseResult[]> {
  const groups = new Map<string, CaseResult[]>();
  for (const result of cases) {
    const group = groups.get(result.case.scenario);
    if (group === undefined) groups.set(result.case.scenario, [result]);
    else group.push(result);
  }
  return groups;
}

function suite(job: JobResult, scenario: string, cases: readonly CaseResult[], detail: Detail): string[] {
  const durationMs = cases.reduce((sum, result) => sum + result.durationMs, 0);
  const seen = new Map<string, number>();
  return [
    `  <testsuite name=${attribute(scenario)} timestamp=${attribute(job.startedAt.slice(0, 19))}${counts(cases, durationMs)}>`,
    ...properties("    ", [
      ["job", job.jobId],
      ["seed", String(job.seed)],
      ["version", job.version],
      ["command", shellLine(job.argv)],
      ...profileProperties(job),
      ...job.hosts.map(({ host, system, libvirtVersion, qemuVersion }): [string, string] => [
        `host.${host}`,
        `${system}, libvirt ${libvirtVersion}, QEMU ${qemuVersion}`,
      ]),
    ]),
    ...cases.flatMap((result) => testcase(result, uniqueName(seen, result.case.id), detail)),
    "  </testsuite>",
  ];
}

const profileProperties = ({ profile }: JobResult): [string, string][] =>
  profile === undefined
    ? []
    : [
        ["profile", `${profile.name}: ${profile.summary}`],
        ["profile.scale", scaleTexts(profile).join("; ")],
      ];

function counts(cases: readonly CaseResult[], durationMs: number): string {
  const { FAIL, ERROR, INTERRUPTED, SKIP, CANCEL } = countByStatus(cases);
  const numbers = { tests: cases.length, failures: FAIL, errors: ERROR + INTERRUPTED, skipped: SKIP + CANCEL };
  const pairs = Object.entries(numbers).map(([name, value]) => ` ${name}="${value}"`);
  return `${pairs.join("")} time="${seconds(durationMs)}"`;
}

/** GitLab ignores the second test of a name without a word. */
function uniqueName(seen: Map<string, number>, id: string): string {
  const times = (seen.get(id) ?? 0) + 1;
  seen.set(id, times);
  return times === 1 ? id : `${id} #${times}`;
}

function testcase(result: CaseResult, name: string, detail: Detail): string[] {
  const { case: planned, durationMs } = result;
  const inside = [
    ...(detail === "names-only"
      ? []
      : properties("      ", [
          ["variants", planned.variants.join(" ")],
          ...planned.tags.map((tag): [string, string] => ["tag", tag]),
          ...planned.testIds.map((id): [string, string] => ["test_id", id]),
        ])),
    ...outcome(result, detail),
  ];
  const open = `    <testcase classname=${attribute(planned.scenario)} name=${attribute(name)} time="${seconds(durationMs)}"`;
  return inside.length === 0 ? [`${open}/>`] : [`${open}>`, ...inside, "    </testcase>"];
}

function outcome(result: CaseResult, detail: Detail): string[] {
  const message = attribute(plainText(whyOf(result) ?? "").slice(0, MESSAGE_LIMIT));
  const body = (): string => (detail === "all" ? text(tail(story(result))) : "");
  switch (result.status) {
    case "PASS":
      return [];
    case "WARN":
      return detail === "all" ? [`      <system-out>${body()}</system-out>`] : [];
    case "SKIP":
    case "CANCEL":
      return [`      <skipped message=${message}/>`];
    case "FAIL":
      return [`      <failure type="FAIL" message=${message}>${body()}</failure>`];
    case "ERROR":
    case "INTERRUPTED":
      return [`      <error type="${result.status}" message=${message}>${body()}</error>`];
  }
}

/** What a person reads who has only this file: the most telling lines last, because the end is what is kept. */
const story = ({ migrations, checks, reason, leftovers }: CaseResult): string =>
  [
    ...migrations
      .filter(({ outcome }) => outcome !== "completed")
      .map(({ leg, guest, source, target, outcome, error = "" }) =>
        `leg ${leg}: ${guest} ${source} -> ${target} ${outcome} ${error}`.trimEnd(),
      ),
    ...[...checks]
      .sort((a, b) => Number(b.status === "PASS") - Number(a.status === "PASS"))
      .map(({ check, status, message }) => `${status.padEnd(5)} ${check}: ${message}`),
    ...leftovers.map((left) => `not put back: ${left}`),
    ...(reason === undefined ? [] : [`reason: ${reason}`]),
  ].join("\n");

function tail(whole: string): string {
  const bytes = Buffer.from(whole);
  if (bytes.length <= BODY_LIMIT_BYTES) return whole;
  const kept = bytes.subarray(bytes.length - BODY_LIMIT_BYTES).toString();
  return `[the beginning is left out]\n${kept.replace(/^\ufffd+/, "")}`;
}

const properties = (indent: string, pairs: readonly (readonly [string, string])[]): string[] =>
  pairs.length === 0
    ? []
    : [
        `${indent}<properties>`,
        ...pairs.map(([name, value]) => `${indent}  <property name=${attribute(name)} value=${attribute(value)}/>`),
        `${indent}</properties>`,
      ];

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

const attribute = (value: string): string => `"${text(plainText(value))}"`;

/** plainLines leaves nothing that XML 1.0 forbids: no control but line end and tab, no surrogate, no noncharacter. */
const text = (value: string): string =>
  plainLines(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");
