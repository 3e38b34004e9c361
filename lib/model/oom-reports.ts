import type { HostEvidence, KernelLine, KernelLog } from "./check.js";

/** One strike of the kernel's OOM killer. */
export interface OomKill {
  /** Name of the program, as the kernel cuts it: 15 characters. */
  readonly victim: string;
  readonly pid: number;
  /** Control group whose limit was reached; absent: the machine itself ran out. */
  readonly group?: string;
  /** The one that names the victim. */
  readonly line: KernelLine;
}

/** Names that a kernel gives to what keeps guests alive: QEMU, libvirtd and the modular daemons. */
const VITAL = /^(?:qemu|libvirtd|virt(?:qemu|proxy|log|lock|network|storage|nodedev|secret|interface|nwfilter)d)/;

export const isVital = ({ victim }: OomKill): boolean => VITAL.test(victim);

/** Whether it struck a load of this tool: its workers add to its name. */
export const isOfTool = ({ victim }: OomKill, tool: string): boolean => victim.startsWith(tool);

/** Every strike that a log tells of; one that is lost tells of none. */
export const oomKills = (log: KernelLog): readonly OomKill[] => ("added" in log ? oomReports(log.added).kills : []);

/** What an OOM report says besides: it is the kernel's account of the shortage, not a fault of its own. */
const PART_OF_REPORT =
  /\bCall Trace:|\boom-kill:|\b(?:Memory cgroup out|Out) of memory: |\bkilled as a result of limit of |^Killed process \d/;
const BEGIN = /\binvoked oom-killer: /;
const VICTIMS_GROUP = /\btask_memcg=([^,\s]+)|\bTask in (\S+) killed as a result of limit of /;
const GROUP = /\boom_memcg=([^,\s]+)|\bkilled as a result of limit of (\S+)/;
const OF_A_GROUP = /\bMemory cgroup out of memory: /;
const UNTOLD = "(not told)";
/** Before Linux 5.1 this was said of the one that was chosen, and behind it who was struck: it or a child of it. */
const CHOSEN = /\b(?:Memory cgroup out|Out) of memory: Kill process \d+ /;
const KILLED = /(?:\b(?:Memory cgroup out|Out) of memory: |^)Killed process (\d+) \(([^)]*)\)/;

/**
 * Takes the reports of the OOM killer out of a kernel log: who was struck, and what else was said. Between the first and the
 * last line of a report other messages may stand; only what belongs to a report is taken out. Of more than ten strikes in
 * five seconds the kernel writes the last line alone (`oom_rs` in mm/oom_kill.c), and of a whole group one for each process.
 */
export function oomReports(lines: readonly KernelLine[]): {
  readonly kills: readonly OomKill[];
  readonly rest: readonly KernelLine[];
} {
  const kills: OomKill[] = [];
  const rest: KernelLine[] = [];
  let isInside = false;
  let group: string | undefined;
  for (const line of lines) {
    isInside ||= BEGIN.test(line.text) || CHOSEN.test(line.text);
    group = firstOf(GROUP, line) ?? group ?? (OF_A_GROUP.test(line.text) ? UNTOLD : undefined);
    const [, pid, victim] = KILLED.exec(line.text) ?? [];
    if (pid === undefined || victim === undefined) {
      if (!(isInside && PART_OF_REPORT.test(line.text))) rest.push(line);
      continue;
    }
    kills.push({ victim, pid: Number(pid), line, ...(group === undefined ? {} : { group }) });
    [isInside, group] = [false, undefined];
  }
  return { kills, rest };
}

/** What the first group that took part has caught. */
const firstOf = (pattern: RegExp, { text }: KernelLine): string | undefined =>
  pattern
    .exec(text)
    ?.slice(1)
    .find((caught) => caught !== undefined);

/**
 * The kernel log of a host without the strikes at others. Hosts that are control groups of one machine share its kernel, and
 * each reads of every strike; a report that names the victim's group says whose it is. One that does not is kept by all.
 */
export function ownLog({ kernelLog, controlGroup }: Pick<HostEvidence, "kernelLog" | "controlGroup">): KernelLog {
  if (controlGroup === undefined || "lost" in kernelLog) return kernelLog;
  const others = new Set(
    kernelLog.added.filter(isOfReport).reduce<KernelLine[][]>(inReports, []).flatMap(notWithin(controlGroup)),
  );
  return { ...kernelLog, added: kernelLog.added.filter((line) => !others.has(line)) };
}

/** Whether it is one of the lines of a report from which the others are known to belong to it, or which tell whom it struck. */
export const isOfReport = ({ text }: KernelLine): boolean => BEGIN.test(text) || PART_OF_REPORT.test(text);

/** A report ends with the line that names the victim; one that was cut off ends where the next begins. */
function inReports(reports: KernelLine[][], line: KernelLine): KernelLine[][] {
  const open = reports.at(-1);
  const isOver = open === undefined || KILLED.test(open.at(-1)?.text ?? "") || BEGIN.test(line.text);
  if (isOver) reports.push([line]);
  else open.push(line);
  return reports;
}

const notWithin =
  (group: string) =>
  (report: readonly KernelLine[]): readonly KernelLine[] => {
    const ofVictim = report.flatMap((line) => firstOf(VICTIMS_GROUP, line) ?? []).at(-1);
    const isOurs = ofVictim === undefined || ofVictim === group || ofVictim.startsWith(`${group}/`);
    return isOurs ? [] : report;
  };
