import type { LoadSighting } from "../model/check.js";
import type { LoadProcess } from "./stress.js";

/** What is seen of a load; the moment is the asker's to add. */
export type Sighted = Omit<LoadSighting, "atMs" | "when">;

/** Fields of /proc/PID/stat behind the name (proc(5)), counted from the state, which is field 3. */
const FIELD = {
  state: 0,
  session: 3,
  utime: 11,
  stime: 12,
  cutime: 13,
  cstime: 14,
  startTicks: 19,
  rssPages: 21,
} as const;

const MIB = 2 ** 20;

/**
 * Reads `page N`, `again N`, `hz N` and the stat lines of one session. Alive means: the same pid with the same start time, and not a zombie.
 * CPU time is that of all processes of the session and of their children that have ended. `undefined`: cut off.
 */
export function parseSighting(
  text: string,
  { pid, startTicks }: Pick<LoadProcess, "pid" | "startTicks">,
): Sighted | undefined {
  const hz = Number(/^hz (\d{1,6})$/m.exec(text)?.[1]);
  const page = Number(/^page (\d{1,8})$/m.exec(text)?.[1] ?? 4096);
  const restarts = Number(/^again (\d{1,9})$/m.exec(text)?.[1] ?? 0);
  if (!(hz > 0) || !/^end$/m.test(text)) return undefined;
  const processes = text.split("\n").flatMap((line) => parseStat(line) ?? []);
  const leader = processes.find((process) => process.pid === pid);
  const alive = leader !== undefined && leader.startTicks === startTicks && !/[ZX]/.test(leader.state);
  if (!alive) return { alive };
  const sum = (of: (process: (typeof processes)[number]) => number): number =>
    processes.reduce((total, process) => total + of(process), 0);
  return {
    alive,
    cpuS: sum(({ cpuTicks }) => cpuTicks) / hz,
    residentMiB: Math.round((sum(({ rssPages }) => rssPages) * page) / MIB),
    ...(restarts > 0 ? { restarts } : {}),
  };
}

function parseStat(line: string) {
  const [, pid, rest] = /^(\d+) \(.*\) (\S.*)$/.exec(line) ?? [];
  if (pid === undefined || rest === undefined) return undefined;
  const fields = rest.split(" ");
  const number = (name: keyof typeof FIELD): number => Number(fields[FIELD[name]]);
  const cpuTicks = number("utime") + number("stime") + number("cutime") + number("cstime");
  if (!Number.isFinite(cpuTicks)) return undefined;
  return {
    pid: Number(pid),
    state: fields[FIELD.state] ?? "",
    startTicks: number("startTicks"),
    rssPages: number("rssPages") || 0,
    cpuTicks,
  };
}
