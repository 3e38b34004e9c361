import { plainText } from "../lib/model/plain-text.js";
import type { CaseResult, JobResult } from "../lib/model/result.js";
import { scaleTexts } from "./scale-text.js";
import { wentWrong, whyOf } from "./summary.js";

const TEXT_LIMIT = 2000;

/** The job as TAP version 14 (testanything.org). What went wrong or came close to a limit has a YAML block. */
export const renderTap = (job: JobResult): string =>
  ["TAP version 14", `1..${job.cases.length}`, ...profileComment(job), ...job.cases.flatMap(point), ""].join("\n");

/** TAP has no other place for what holds for all points. */
function profileComment({ profile }: JobResult): string[] {
  if (profile === undefined) return [];
  const told = `${profile.name}: ${profile.summary}; ${scaleTexts(profile).join("; ")}`;
  return [`# profile ${escapeTap(told.slice(0, TEXT_LIMIT))}`];
}

function point(result: CaseResult, index: number): string[] {
  const { status } = result;
  const skipped = status === "SKIP" || status === "CANCEL";
  const directive = skipped ? ` # SKIP ${escapeTap(whyOf(result) ?? status)}` : "";
  const line = `${wentWrong(result) ? "not ok" : "ok"} ${index + 1} - ${escapeTap(result.case.id)}${directive}`;
  return wentWrong(result) || status === "WARN" ? [line, ...diagnostics(result)] : [line];
}

function diagnostics(result: CaseResult): string[] {
  const checks = result.checks.filter(({ status }) => status !== "PASS");
  return [
    "  ---",
    `  status: ${result.status}`,
    `  durationMs: ${Math.round(result.durationMs)}`,
    `  message: ${scalar(whyOf(result) ?? "")}`,
    ...(checks.length === 0 ? [] : ["  checks:"]),
    ...checks.flatMap(({ check, status, message, measured }) => [
      `    - check: ${scalar(check)}`,
      `      status: ${status}`,
      `      message: ${scalar(message)}`,
      ...(measured === undefined ? [] : [`      measured: ${flow(measured)}`]),
    ]),
    ...(result.leftovers.length === 0
      ? []
      : ["  leftovers:", ...result.leftovers.map((left) => `    - ${scalar(left)}`)]),
    "  ...",
  ];
}

/** In TAP 14 `\` and `#` are escaped with a backslash; a newline would start a new test point. */
const escapeTap = (text: string): string => plainText(text).replace(/[\\#]/g, "\\$&");

/** A double quoted YAML scalar on one line: JSON's escapes are YAML's too. */
const scalar = (text: string): string => JSON.stringify(plainText(text).slice(0, TEXT_LIMIT));

const flow = (measured: Readonly<Record<string, number>>): string =>
  `{ ${Object.entries(measured)
    .map(([name, value]) => `${scalar(name)}: ${value}`)
    .join(", ")} }`;
