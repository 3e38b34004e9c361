import type { CaseResult, HostFacts, JobResult } from "../../lib/model/result.js";
import { labelOf } from "../console/colour.js";
import { findingGroups } from "../finding-groups.js";
import { scaleTexts } from "../scale-text.js";
import { shellLine } from "../shell-line.js";
import type { CaseFacts } from "./case-facts.js";
import { commonOf, everyCase } from "./every-case.js";
import { figures } from "./figures.js";
import { handingTable, slowest, timeTable } from "./times.js";
import { code, plainOrCode, plural, table, whole } from "./words.js";

/** What a job's folder does not tell of it. */
export interface About {
  readonly title?: string;
  readonly commit?: string;
  readonly machine?: { readonly cores: number; readonly memoryGiB: number };
}

/**
 * A run as a document in Markdown, as they lie in `docs/runs`: what was run and where, its figures, and every case. Pure.
 * @param facts of the cases of which there is evidence, by their ids
 */
export function renderRunDocument(job: JobResult, facts: readonly CaseFacts[], about: About = {}): string {
  const byId = new Map(facts.map((one) => [one.caseId, one]));
  return `${[
    `# ${heading(job, about)}`,
    "",
    "```",
    `npx migstorm ${shellLine(withoutFolders(job.argv))}`,
    "```",
    "",
    ...where(job, about),
    ...(job.interrupted ? ["**The job was stopped before its end.**", ""] : []),
    ...figures(job, byId),
    ...timeTable(job, byId),
    ...handingTable(job, byId),
    ...slowest(job),
    ...notPass(job),
    ...everyCase(job),
  ]
    .join("\n")
    .trimEnd()}\n`;
}

function heading({ cases, startedAt }: JobResult, { title }: About): string {
  const scenarios = [...new Set(cases.map(({ case: { scenario } }) => scenario))];
  return `${plainOrCode(title ?? scenarios.join(", "))}, ${startedAt.slice(0, 10)}: ${plural(cases.length, "case")} in one job`;
}

/** Where the results went is nobody's business but the runner's. */
const withoutFolders = (argv: readonly string[]): string[] =>
  argv.filter((word, index) => !word.startsWith("--results-dir") && argv[index - 1] !== "--results-dir");

function where({ cases, hosts, version, profile }: JobResult, { commit, machine }: About): string[] {
  const systems = [...new Set(hosts.map(systemOf))];
  const common = [...commonOf(cases.map(({ case: { variants } }) => variants))];
  return [
    [
      `migstorm ${plainOrCode(version)}${commit === undefined ? "" : ` (commit ${code(commit)})`}`,
      ...(machine === undefined ? [] : [`${machine.cores} cores and ${machine.memoryGiB} GiB`]),
      ...systems.map(plainOrCode),
    ]
      .join("; ")
      .concat("."),
    ...(profile === undefined ? [] : [`Profile ${code(profile.name)}: ${scaleTexts(profile).map(code).join(", ")}.`]),
    ...(cases.length === 0
      ? []
      : [`${guestsText(cases)}${common.length === 0 ? "" : ` All cases are ${common.map(code).join(" ")}.`}`]),
    "",
  ];
}

/** Hosts that differ in nothing but their names are told once. */
const systemOf = ({ host, system, libvirtVersion, qemuVersion, virtType }: HostFacts): string =>
  `${system
    .split(" ")
    .filter((word) => word !== host)
    .join(
      " ",
    )}, libvirt ${libvirtVersion}, QEMU ${qemuVersion}, guests ${virtType === "kvm" ? "under KVM" : "emulated"}`;

function guestsText(cases: readonly CaseResult[]): string {
  const span = (of: (params: CaseResult["case"]["params"]) => number): string => {
    const values = cases.map(({ case: { params } }) => of(params));
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return least === most ? whole(least) : `${whole(least)} to ${whole(most)}`;
  };
  return `Guests of a case: ${span(({ guests }) => guests.count)}, of ${span(({ guests }) => guests.memory)} MiB; rounds there and back: ${span(({ movement }) => movement.rounds)}.`;
}

const GROUPS = 50;

/** A check may say the same of every migration of a case. */
const firstOf = (message: string): string => message.split("; ")[0] ?? "";

/** Everything that is said against a case, the same sentences together. */
function notPass({ cases, hosts }: JobResult): string[] {
  const groups = findingGroups(
    cases,
    hosts.map(({ host }) => host),
  );
  return [
    "## Every verdict that is not PASS",
    "",
    ...(groups.length === 0
      ? ["There is none.", ""]
      : [
          "By the first thing that each check says, in the words of one case; a case of which several checks say something is counted with each.",
          "",
          ...table(
            ["verdict", "check", "cases", "says", "for example"],
            groups
              .slice(0, GROUPS)
              .map(({ status, check, message, cases: own }) => [
                ...[labelOf(status), plainOrCode(check ?? "–"), whole(own.length), code(firstOf(message))],
                code(own[0]?.case.id ?? ""),
              ]),
            [2],
          ),
          ...(groups.length > GROUPS ? [`And ${groups.length - GROUPS} more.`, ""] : []),
        ]),
  ];
}
