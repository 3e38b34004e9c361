import { plainLines } from "../lib/model/plain-text.js";
import type { CaseResult, JobResult } from "../lib/model/result.js";
import { scaleTexts } from "./scale-text.js";
import { shellLine } from "./shell-line.js";
import { shortText } from "./short-text.js";
import { story } from "./story.js";
import { countByStatus, whyOf } from "./summary.js";

/** GitLab refuses files of 30 MB and Jenkins holds the whole of it in memory. */
const FILE_LIMIT_BYTES = 10_000_000;
/** GitLab refuses XML of more than 250,000 objects and counts several for what is one element here (gitlab#507482). */
const NODE_LIMIT = 100_000;
const MESSAGE_LIMIT = 500;
const NAME_LIMIT = 255;
const VALUE_LIMIT = 1_000;

/** How much is told of each case; less when the file would grow too large. */
const DETAILS = ["all", "no-bodies", "names-only"] as const;
type Detail = (typeof DETAILS)[number];

/** The job in the XML dialect that Jenkins and GitLab read: one suite for each scenario, one testcase for each case. */
export function renderJunit(job: JobResult): string {
  let file = "";
  for (const detail of DETAILS) {
    file = render(job, detail);
    if (Buffer.byteLength(file) <= FILE_LIMIT_BYTES && nodesOf(file) <= NODE_LIMIT) break;
  }
  return file;
}

/** Elements and attributes. Neither `<` nor `"` stands as itself in a text. */
const nodesOf = (file: string): number => file.match(/<\w|="/g)?.length ?? 0;

function render(job: JobResult, detail: Detail): string {
  const taken = new Set<string>();
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="migstorm"${counts(job.cases, job.durationMs)}>`,
    ...[...byScenario(job.cases)].flatMap(([scenario, cases]) => suite({ job, scenario, cases, detail, taken })),
    "</testsuites>",
    "",
  ].join("\n");
}

function byScenario(cases: readonly CaseResult[]): Map<string, CaseResult[]> {
  const groups = new Map<string, CaseResult[]>();
  for (const result of cases) {
    const group = groups.get(result.case.scenario);
    if (group === undefined) groups.set(result.case.scenario, [result]);
    else group.push(result);
  }
  return groups;
}

interface Suite {
  readonly job: JobResult;
  readonly scenario: string;
  readonly cases: readonly CaseResult[];
  readonly detail: Detail;
  /** Names that the file has already. */
  readonly taken: Set<string>;
}

function suite({ job, scenario, cases, detail, taken }: Suite): string[] {
  const durationMs = cases.reduce((sum, result) => sum + result.durationMs, 0);
  return [
    `  <testsuite name="${nameOf(scenario)}" timestamp=${attribute(job.startedAt.slice(0, 19))}${counts(cases, durationMs)}>`,
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
    ...cases.flatMap((result) => testcase(result, uniqueName(taken, result.case.id), detail)),
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

/**
 * As it is shown, escaped. GitLab ignores the second test of a name without a word, and two ids that differ only in what
 * cannot be shown have one name.
 */
function uniqueName(taken: Set<string>, id: string): string {
  const name = nameOf(id);
  let unique = name;
  for (let times = 2; taken.has(unique); times += 1) unique = `${name} #${times}`;
  taken.add(unique);
  return unique;
}

/** A test is found by its name, so it has to have one. */
const nameOf = (given: string): string => text(shortText(given, NAME_LIMIT)) || "(no name)";

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
  const open = `    <testcase classname="${nameOf(planned.scenario)}" name="${name}" time="${seconds(durationMs)}"`;
  return inside.length === 0 ? [`${open}/>`] : [`${open}>`, ...inside, "    </testcase>"];
}

function outcome(result: CaseResult, detail: Detail): string[] {
  const message = attribute(shortText(whyOf(result) ?? "", MESSAGE_LIMIT));
  const body = (): string => (detail === "all" ? text(story(result)) : "");
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

const properties = (indent: string, pairs: readonly (readonly [string, string])[]): string[] =>
  pairs.length === 0
    ? []
    : [
        `${indent}<properties>`,
        ...pairs.map(([name, value]) => `${indent}  <property name=${attribute(name)} value=${attribute(value)}/>`),
        `${indent}</properties>`,
      ];

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

const attribute = (value: string): string => `"${text(shortText(value, VALUE_LIMIT))}"`;

/** plainLines leaves nothing that XML 1.0 forbids: no control but line end and tab, no surrogate, no noncharacter. */
const text = (value: string): string =>
  plainLines(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");
