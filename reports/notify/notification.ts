import { NOTIFICATION_SCHEMA, type Notification } from "../../lib/model/notification.js";
import type { Status } from "../../lib/model/status.js";
import { labelOf } from "../console/colour.js";
import { plural, span } from "../html/format.js";
import { shellLine } from "../shell-line.js";
import { shortText } from "../short-text.js";
import { chatText } from "./chat-text.js";
import type { Standing } from "./standing.js";

/** What a message is about. Its texts are foreign. */
export type JobInQuestion = Omit<NonNullable<Notification["job"]>, "passes">;

/** What happened. */
export type Happening = { readonly event: "first-failure" } | Killed | End;

interface Killed {
  readonly event: "killed";
  /** Nobody saw the runner end: what is stored has no end, and that is all. */
  readonly isGuess?: boolean;
}

interface End {
  readonly event: "end";
  readonly exitCode: number;
  readonly interrupted: boolean;
  /** Milliseconds. */
  readonly durationMs?: number;
  readonly problem?: string;
}

/** Room for all of it: the least that a receiver takes is 28 KiB (Teams). */
export const NOTIFICATION_LIMIT_BYTES = 28 * 1024;

const NAME_LIMIT = 160;
const REASON_LIMIT = 300;
const PATH_LIMIT = 500;
const TEXT_LIMIT = 3_000;
const MOST_SHOWN = 5;
const RAN: readonly Status[] = ["PASS", "WARN", "FAIL", "ERROR", "INTERRUPTED"];
const GRAVEST_FIRST: readonly Status[] = ["FAIL", "ERROR", "INTERRUPTED", "WARN", "PASS", "SKIP", "CANCEL"];

/** The message about a job. Reads no clock: `at` is ISO 8601 UTC. */
export function notificationOf(job: JobInQuestion, standing: Standing, what: Happening, at: string): Notification {
  const { begun, ...told } = standing;
  const { underWay: _, ...unlessKilled } = told;
  const about = { ...job, id: shortText(job.id, NAME_LIMIT), runner: shortText(job.runner, NAME_LIMIT) };
  const recover = what.event === "killed" || told.leftovers.length > 0 ? { recover: recoverCommand(job) } : {};
  return {
    text: textOf(about, standing, what),
    schema: NOTIFICATION_SCHEMA,
    event: what.event,
    at,
    job: {
      ...about,
      ...{ folder: shortText(job.folder, PATH_LIMIT), version: shortText(job.version, NAME_LIMIT) },
      ...(job.kind === "soak" ? { passes: begun } : {}),
    },
    ...(what.event === "killed" ? told : unlessKilled),
    ...(what.event === "end" ? endOf(what) : {}),
    ...recover,
  };
}

/** A message to see whether messages arrive. */
export const testNotification = (runner: string, version: string, at: string): Notification => ({
  text: `migstorm on ${shown(runner)}: a test, no job is meant. Messages arrive here. (migstorm ${shown(version)})`,
  schema: NOTIFICATION_SCHEMA,
  ...{ event: "test", at, hosts: [], planned: 0 },
  counts: { PASS: 0, WARN: 0, SKIP: 0, CANCEL: 0, FAIL: 0, ERROR: 0, INTERRUPTED: 0 },
  ...{ failed: [], failedCount: 0, leftovers: [] },
});

const endOf = ({ exitCode, interrupted, problem }: End) => ({
  ...{ exitCode, interrupted },
  ...(problem === undefined ? {} : { problem: shortText(problem, REASON_LIMIT) }),
});

const recoverCommand = ({ folder }: Pick<JobInQuestion, "folder">): string =>
  shortText(shellLine(["migstorm", "recover", folder]), PATH_LIMIT);

const shown = (text: string, limit = NAME_LIMIT): string => chatText(shortText(text, limit));

function textOf(job: JobInQuestion, standing: Standing, what: Happening): string {
  const { firstFailure, leftovers, hosts } = standing;
  return firstLines([
    `migstorm on ${shown(job.runner)}: ${shown(job.id)} ${headline(job, standing, what)}`,
    ...(what.event === "killed" ? underWay(standing) : []),
    ...(what.event === "end" && what.problem !== undefined ? [`Why: ${shown(what.problem, REASON_LIMIT)}`] : []),
    ...(firstFailure === undefined
      ? []
      : [`${labelOf(firstFailure.status)} ${shown(firstFailure.caseId)}: ${shown(firstFailure.reason, REASON_LIMIT)}`]),
    ...(what.event === "first-failure" ? [] : otherFailures(job, standing)),
    counts(standing),
    ...(leftovers.length === 0 ? [] : [`Not put back: ${listed(leftovers, leftovers.length)}`]),
    ...(what.event === "killed" || leftovers.length > 0
      ? [`To put the hosts back: ${shown(recoverCommand(job), PATH_LIMIT)}`]
      : []),
    `Results: ${shown(job.folder, PATH_LIMIT)}`,
    [
      `migstorm ${shown(job.version)}`,
      ...hosts.map(({ host, libvirt, qemu }) => `${shown(host)}: libvirt ${shown(libvirt)}, QEMU ${shown(qemu)}`),
    ].join("; "),
  ]);
}

/** What matters most comes first; half a line could lose the backtick at its end. */
function firstLines(lines: readonly string[]): string {
  let text = "";
  for (const line of lines) {
    if (text.length + line.length >= TEXT_LIMIT) break;
    text += `${text === "" ? "" : "\n"}${line}`;
  }
  return text;
}

function headline(job: JobInQuestion, standing: Standing, what: Happening): string {
  if (what.event === "first-failure") return "has its first failure, and goes on unless it was told to stop";
  if (what.event === "killed" && what.isGuess) return "has no end in its log: it still runs, or its runner was killed";
  if (what.event === "killed") return "was cut off: its runner ended without a word (killed, out of memory, crashed)";
  const took = what.durationMs === undefined ? "" : `, after ${span(what.durationMs)}`;
  return `${endWords(job, standing, what)} (exit code ${what.exitCode}${took})`;
}

function endWords(
  { kind }: JobInQuestion,
  { failedCount, planned, begun, counts: by }: Standing,
  { interrupted, problem }: End,
): string {
  if (interrupted) return "was stopped before its end";
  if (problem !== undefined && kind === "job") return "could not do its work";
  if (RAN.every((status) => by[status] === 0)) return "ended, and no case ran";
  if (failedCount > 0) return `ended with ${plural(failedCount, "failure")}`;
  const all = kind === "soak" ? `${begun} ${begun === 1 ? "pass" : "passes"}` : plural(planned, "case");
  return `ended without a failure, ${all}`;
}

const underWay = ({ underWay: running }: Standing): string[] =>
  running === undefined
    ? ["No case was under way."]
    : [
        `Under way since ${shown(running.since)}: ${shown(running.caseId)}${running.step === undefined ? "" : `, ${shown(running.step)}`}`,
      ];

/** In a soak a case fails again and again: how many others there are is not known beyond those that are named. */
function otherFailures({ kind }: JobInQuestion, { failed, failedCount, firstFailure }: Standing): string[] {
  const others = failed.filter((id) => id !== firstFailure?.caseId);
  const count = kind === "soak" ? others.length : Math.max(others.length, failedCount - 1);
  return others.length === 0 ? [] : [`Also failed: ${listed(others, count)}`];
}

function listed(texts: readonly string[], count: number): string {
  const rest = count - Math.min(texts.length, MOST_SHOWN);
  return `${texts
    .slice(0, MOST_SHOWN)
    .map((one) => shown(one))
    .join(", ")}${rest > 0 ? `, and ${rest} more` : ""}`;
}

const counts = ({ counts: by, planned }: Standing): string => {
  const some = GRAVEST_FIRST.filter((status) => by[status] > 0).map((status) => `${labelOf(status)} ${by[status]}`);
  return `${some.length === 0 ? "No verdict yet" : some.join(" | ")} (${plural(planned, "case")} planned)`;
};
