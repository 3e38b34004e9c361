import type { KernelLine, KernelLog, LogLine } from "../../lib/model/check.js";
import { error, type Finding, fail, warn } from "./findings.js";

/**
 * What a kernel says when something is broken. Written so tightly that lines which only sound alike stay out: "errors=remount-ro",
 * "NMI watchdog: Enabled", "DEBUG:", "WARNING: The mand mount option …".
 */
const BROKEN: readonly RegExp[] = [
  /\bCall Trace:/i,
  /-\[ cut here \]-/,
  /\bOops\b(?::|$| )/,
  /\b(?:kernel )?BUG(?:: | at )/,
  /\bWARNING: .*\bCPU(?:: \d|#\d)/,
  /\bWARNING: (?:possible|suspicious|inconsistent|bad unlock|held lock)/,
  /\b(?:KASAN|KCSAN|KFENCE|UBSAN): /,
  /\bgeneral protection fault\b/i,
  /\bunable to handle (?:kernel|page fault)/i,
  /\bsoft lockup\b/i,
  /\bhard lockup on\b/i,
  /\bdetected hard lockup\b/i,
  /\brcu\w*:? .*\bdetected (?:expedited )?stalls?\b/i,
  /\bself-detected stall\b/i,
  /\bblocked for more than \d+ seconds\b/,
  /\bI\/O error\b/,
  /\bEXT[234]-fs error\b/,
  /\bEXT[234]-fs \([^)]*\): (?:Remounting filesystem read-only|error )/,
  /\bXFS \([^)]*\): .*(?:Corruption|Internal error|log I\/O)/i,
  /\bBTRFS (?:error|critical)\b/,
  /\b(?:Memory cgroup out|Out) of memory: /,
  /\boom-kill:/,
  /\bKernel panic\b/,
  /\bBad page (?:state|map)\b/,
  /\bcorruption\b.*\bnext->prev|list_(?:add|del) corruption/,
];

/** What may have to do with a migration and need not be a fault of the kernel. */
const SUSPICIOUS: readonly RegExp[] = [
  /\bsegfault at\b/,
  /\btraps: .* (?:general protection|invalid opcode)\b/,
  /\bclocksource: .*\bunstable\b/i,
  /\bnfs: server \S+ not responding\b/,
];

/** Levels 0 to 2: emergency, alert, critical. */
const GRAVE_LEVEL = 2;
/** Lines of one log that are quoted. */
const MAX_QUOTED = 2;
/** Lines of one log that are pointed to. */
const MAX_POINTED = 5;

/**
 * What the log of `place` has to tell: one finding for what is broken, one for what is suspicious.
 * @param whole the log as it was read, where `log` is a part of it
 */
export function kernelFindings(place: string, log: KernelLog, whole = log): Finding[] {
  if ("lost" in log) return [error(`${place}: its kernel log is not whole: ${log.lost}`)];
  const broken = log.added.filter(isBroken);
  const suspicious = log.added.filter((line) => !isBroken(line) && isSuspicious(line));
  return [
    ...(broken.length === 0
      ? []
      : [fail(`${place}: its kernel says ${quoted(broken)}`, linesOf(place, broken, whole))]),
    ...(suspicious.length === 0
      ? []
      : [warn(`${place}: its kernel says ${quoted(suspicious)}`, linesOf(place, suspicious, whole))]),
  ];
}

const isBroken = ({ text }: KernelLine): boolean => BROKEN.some((pattern) => pattern.test(text));
const isSuspicious = ({ level, text }: KernelLine): boolean =>
  level <= GRAVE_LEVEL || SUSPICIOUS.some((pattern) => pattern.test(text));

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

export const addedLines = (logs: readonly KernelLog[]): number =>
  logs.reduce((sum, log) => sum + ("added" in log ? log.added.length : 0), 0);
