import type { CaseResult, JobResult } from "../../lib/model/result.js";
import type { Status } from "../../lib/model/status.js";
import { labelOf } from "../console/colour.js";
import { countByStatus } from "../summary.js";
import type { CaseFacts } from "./case-facts.js";
import { legsMsOf } from "./phases.js";
import { code, percent, plural, quantile, seconds, table, whole } from "./words.js";

const COUNTED: readonly Status[] = ["PASS", "WARN", "FAIL", "ERROR", "INTERRUPTED", "SKIP", "CANCEL"];
/** Their absence is worth a word. */
const GRAVE: ReadonlySet<Status> = new Set(["FAIL", "ERROR"]);

/** The job in a dozen figures. */
export const figures = (job: JobResult, facts: ReadonlyMap<string, CaseFacts>): string[] =>
  table(
    ["figure", "value"],
    [
      ["verdicts", verdicts(job)],
      ["migrations", migrations(job)],
      ...postcopy(job),
      ["wall time", wallTime(job)],
      ["a case", caseTimes(job)],
      ["longest silence in a migration", silences(job)],
      ["OOM strikes", strikes(job, facts)],
      ["the runner itself", runner(job)],
      ...(job.leftovers.length === 0 ? [] : [["not put back", job.leftovers.map(code).join(", ")]]),
    ],
  );

function verdicts({ cases }: JobResult): string {
  const counts = countByStatus(cases);
  return COUNTED.flatMap((status) =>
    counts[status] > 0 || GRAVE.has(status) ? [`${counts[status] || "no"} ${labelOf(status)}`] : [],
  ).join(", ");
}

function migrations({ cases }: JobResult): string {
  const all = cases.flatMap((result) => result.migrations);
  const outcomes = [...new Set(all.map(({ outcome }) => outcome))];
  const told = outcomes.map((one) => `${whole(all.filter(({ outcome }) => outcome === one).length)} ${one}`);
  const isOneKind = outcomes.length === 1;
  return isOneKind ? `${whole(all.length)}, all ${outcomes[0]}` : `${whole(all.length)}: ${told.join(", ") || "none"}`;
}

/** By the check that looks for the switch; a case that it did not judge says nothing of it. */
function postcopy({ cases }: JobResult): string[][] {
  const judged = cases.flatMap((result) => {
    const switched = result.checks.find(({ check }) => check === "mode")?.measured?.switched;
    const completed = result.migrations.filter(({ outcome }) => outcome === "completed").length;
    return switched === undefined ? [] : [{ switched, completed }];
  });
  if (judged.length === 0) return [];
  const sum = (of: (one: (typeof judged)[number]) => number): number => judged.reduce((all, one) => all + of(one), 0);
  return [
    [
      "switched to postcopy",
      `${whole(sum((one) => one.switched))} of ${plural(
        sum((one) => one.completed),
        "migration",
      )}`,
    ],
  ];
}

function wallTime({ cases, durationMs }: JobResult): string {
  const legsMs = cases.reduce((sum, result) => sum + legsMsOf(result), 0);
  return `${seconds(durationMs)} s; ${seconds(legsMs)} s of it (${percent(legsMs, durationMs)}) in the legs`;
}

function caseTimes({ cases }: JobResult): string {
  const ran = cases.filter(hasRun);
  const modes = [...new Set(ran.map(modeOf))];
  const told = modes.map((mode) => {
    const own = ran.filter((result) => modeOf(result) === mode).map(({ durationMs }) => durationMs);
    return `${mode} ${seconds(quantile(own, 0.5) ?? Number.NaN)} s`;
  });
  return told.length === 0 ? "none ran" : `${told.join(", ")} (median)`;
}

export const hasRun = ({ status }: CaseResult): boolean => status !== "SKIP";
export const modeOf = ({ case: { params } }: CaseResult): string => params.migration.mode;

function silences({ cases }: JobResult): string {
  const all = cases.flatMap((result) => result.migrations.flatMap(({ silence }) => silence?.longestMs ?? []));
  const at = (part: number): string => whole(quantile(all, part) ?? Number.NaN);
  if (all.length === 0) return "nobody watched";
  return `median ${at(0.5)} ms, 99th percentile ${at(0.99)} ms, most ${at(1)} ms (${plural(all.length, "migration")} watched)`;
}

function strikes({ cases }: JobResult, facts: ReadonlyMap<string, CaseFacts>): string {
  const known = cases.flatMap(({ case: { id } }) => facts.get(id) ?? []);
  if (known.length === 0) return "not known: there is no evidence";
  const victims = known.flatMap((one) => one.victims);
  const names = [...new Set(victims)].map((name) => [name, victims.filter((one) => one === name).length] as const);
  const told = names.sort(([, a], [, b]) => b - a).map(([name, count]) => `${code(name)} ${whole(count)}`);
  const lost = known.filter(({ lostLogs }) => lostLogs.length > 0).length;
  return [
    victims.length === 0
      ? "none"
      : `${whole(victims.length)} (${told.join(", ")}); one that the kernel logs of several hosts tell of counts once`,
    ...(lost === 0 ? [] : [`of ${plural(lost, "case")} a kernel log is lost`]),
  ].join("; ");
}

function runner({ runner: cost, durationMs }: JobResult): string {
  if (cost === undefined) return "not known";
  return `${cost.cpuS.toFixed(1)} s CPU (${percent(cost.cpuS * 1000, durationMs)} of one core), ${cost.peakMiB} MiB at most`;
}
