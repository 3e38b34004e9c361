import type { KernelLine } from "./check.js";
import { isOfReport } from "./oom-reports.js";

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
  /\bpage allocation (?:failure|stalls)\b/,
  /\btraps: .* (?:general protection|invalid opcode)\b/,
  /\bclocksource: .*\bunstable\b/i,
  /\bnfs: server \S+ not responding\b/,
];

/** Levels 0 to 2: emergency, alert, critical. */
const GRAVE_LEVEL = 2;

export const isBroken = ({ text }: KernelLine): boolean => BROKEN.some((pattern) => pattern.test(text));
export const isSuspicious = ({ level, text }: KernelLine): boolean =>
  level <= GRAVE_LEVEL || SUSPICIOUS.some((pattern) => pattern.test(text));

/**
 * Whether a check may have something to say of it. Of a log that grows too long the other lines are left out: for a pattern that is
 * added here they are missing in such logs of older jobs.
 */
export const isJudged = (line: KernelLine): boolean => isBroken(line) || isSuspicious(line) || isOfReport(line);
