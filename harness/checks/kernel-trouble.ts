import type { KernelLine, KernelLog, LogLine } from "../../lib/model/check.js";
import { isBroken, isSuspicious } from "../../lib/model/judged-lines.js";
import type { OomKill } from "../../lib/model/oom-reports.js";
import { error, type Finding, fail, warn } from "./findings.js";

/** Lines of one log that are quoted. */
const MAX_QUOTED = 2;
/** Lines of one log that are pointed to. */
const MAX_POINTED = 5;

/**
 * What the log of `place` has to tell: one finding for what is broken, one for what is suspicious.
 * @param whole the log as it was read, where `log` is a part of it
 */
export function kernelFindings(place: string, log: KernelLog, whole = log): Finding[] {
  const notWhole = (why: string): Finding => error(`${place}: its kernel log is not whole: ${why}`);
  if ("lost" in log) return [notWhole(log.lost)];
  const broken = log.added.filter(isBroken);
  const suspicious = log.added.filter((line) => !isBroken(line) && isSuspicious(line));
  return [
    ...(broken.length === 0
      ? []
      : [fail(`${place}: its kernel says ${quoted(broken)}`, linesOf(place, broken, whole))]),
    ...(suspicious.length === 0
      ? []
      : [warn(`${place}: its kernel says ${quoted(suspicious)}`, linesOf(place, suspicious, whole))]),
    ...(log.cutOff === undefined ? [] : [notWhole(log.cutOff)]),
  ];
}

/** What the kernel of a host says of the shortage that its case makes there. */
export const shortOf = (host: string, signs: readonly KernelLine[], whole: KernelLog): Finding[] =>
  signs.length === 0
    ? []
    : [warn(`${host}: short of memory, as it is to be, its kernel says ${quoted(signs)}`, linesOf(host, signs, whole))];

/** Whom the OOM killer struck on a host, and whose memory had run out: that of a control group, or of the machine. */
export function strike(
  host: string,
  { victim, pid, group, line }: OomKill,
  whole: KernelLog,
  isFault: boolean,
): Finding {
  const where = group === undefined ? "the machine" : `the control group ${group}`;
  const message = `${host}: memory of ${where} ran out, and the OOM killer struck ${victim} (${pid})`;
  return (isFault ? fail : warn)(message, linesOf(host, [line], whole));
}

/** Where those lines stand in the log as it was read; the first ones. */
export function linesOf(place: string, lines: readonly KernelLine[], whole: KernelLog): LogLine[] {
  if ("lost" in whole) return [];
  const found = lines.slice(0, MAX_POINTED).map((line) => whole.added.indexOf(line) + 1);
  return found.filter((line) => line > 0).map((line) => ({ place, line }));
}

function quoted(lines: readonly KernelLine[]): string {
  const told = lines.slice(0, MAX_QUOTED).map(({ text }) => `"${text.slice(0, 160)}"`);
  return `${told.join(", ")}${lines.length > MAX_QUOTED ? ` and ${lines.length - MAX_QUOTED} lines more` : ""}`;
}

/** How much was added to these logs, and how much of that is not there any more. */
export function lineFigures(logs: readonly KernelLog[]): Record<string, number> {
  const known = logs.flatMap((log) => ("added" in log ? [log] : []));
  const leftOutLines = known.reduce((sum, log) => sum + (log.leftOutLines ?? 0), 0);
  const addedLines = known.reduce((sum, { added }) => sum + added.length, leftOutLines);
  return { addedLines, ...(leftOutLines === 0 ? {} : { leftOutLines }) };
}
