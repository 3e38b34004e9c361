import type { LoadSighting } from "../model/load-evidence.js";
import type { LoadProcess } from "./stress.js";

/** What is seen of a load; the moment is the asker's to add, and so is what the host has left. */
export type Sighted = Omit<LoadSighting, "atMs" | "when" | "freeMiB">;

/** Fields of /proc/PID/stat behind the name (proc(5)), counted from the state, which is field 3. */
const FIELD = {
  state: 0,
  parent: 1,
  session: 3,
  utime: 11,
  stime: 12,
  cutime: 13,
  cstime: 14,
  startTicks: 19,
  rssPages: 21,
} as const;

const MIB = 2 ** 20;

/** States of proc(5): ended and not yet buried; stopped by a signal, or by a debugger. */
const ENDED = /^[ZXx]/;
const STOPPED = /^[Tt]/;

/**
 * Reads `page N`, `again N`, `hz N`, `swap KIB` and the stat lines of one session. Alive means: the same pid with the same
 * start time, and not a zombie. CPU time is that of all processes of the session and of their children that have ended.
 * `undefined`: cut off.
 */
export function parseSighting(
  text: string,
  { pid, startTicks, tool }: Pick<LoadProcess, "pid" | "startTicks"> & { readonly tool: string },
): Sighted | undefined {
  const hz = Number(/^hz (\d{1,6})$/m.exec(text)?.[1]);
  const page = Number(/^page (\d{1,8})$/m.exec(text)?.[1] ?? 4096);
  const restarts = Number(/^again (\d{1,9})$/m.exec(text)?.[1] ?? 0);
  const swappedMiB = Math.round(Number(/^swap (\d{1,12})$/m.exec(text)?.[1] ?? 0) / 1024);
  if (!(hz > 0) || !/^end$/m.test(text)) return undefined;
  const processes = text.split("\n").flatMap((line) => parseStat(line) ?? []);
  const leader = processes.find((process) => process.pid === pid);
  const alive = leader !== undefined && leader.startTicks === startTicks && !ENDED.test(leader.state);
  if (!alive) return { alive };
  const sum = (of: (process: Process) => number): number =>
    processes.reduce((total, process) => total + of(process), 0);
  const workers = countWorkers(leader, processes, tool);
  const stopped = processes.filter(({ state }) => STOPPED.test(state)).length;
  return {
    alive,
    cpuS: sum(({ cpuTicks }) => cpuTicks) / hz,
    residentMiB: Math.round((sum(({ rssPages }) => rssPages) * page) / MIB),
    ...(swappedMiB > 0 ? { swappedMiB } : {}),
    ...(workers === undefined ? {} : { workers }),
    ...(stopped > 0 ? { stopped } : {}),
    ...(restarts > 0 ? { restarts } : {}),
  };
}

/**
 * How many processes of a load there still are, whether or not the first of them is among them. A session that another process
 * leads is not ours: the kernel gives its number only once all of ours are gone. `undefined`: cut off.
 */
export function parseLeft(
  text: string,
  { pid, startTicks }: Pick<LoadProcess, "pid" | "startTicks">,
): number | undefined {
  if (!/^end$/m.test(text)) return undefined;
  const processes = text.split("\n").flatMap((line) => parseStat(line) ?? []);
  const isOthers = processes.some((process) => process.pid === pid && process.startTicks !== startTicks);
  return isOthers ? 0 : processes.filter(({ state }) => !ENDED.test(state)).length;
}

/**
 * The tool leads the session, or is the child of a shell that does; just then it may be about to be started again. Only its
 * children are counted: what stress-ng's worker for memory has below it comes and goes with every strike of the OOM killer.
 */
function countWorkers(leader: Process, processes: readonly Process[], tool: string): number | undefined {
  const childrenOf = ({ pid }: Process): Process[] => processes.filter(({ parent }) => parent === pid);
  const main = leader.name === tool ? leader : childrenOf(leader).find(({ name }) => name === tool);
  if (main === undefined) return undefined;
  return doesRun(leader) && doesRun(main) ? childrenOf(main).filter(doesRun).length : 0;
}

const doesRun = ({ state }: Process): boolean => !ENDED.test(state) && !STOPPED.test(state);

type Process = NonNullable<ReturnType<typeof parseStat>>;

function parseStat(line: string) {
  const [, pid, name, rest] = /^(\d+) \((.*)\) (\S.*)$/.exec(line) ?? [];
  if (pid === undefined || name === undefined || rest === undefined) return undefined;
  const fields = rest.split(" ");
  const number = (name: keyof typeof FIELD): number => Number(fields[FIELD[name]]);
  const cpuTicks = number("utime") + number("stime") + number("cutime") + number("cstime");
  if (!Number.isFinite(cpuTicks)) return undefined;
  return {
    pid: Number(pid),
    name,
    state: fields[FIELD.state] ?? "",
    parent: number("parent"),
    startTicks: number("startTicks"),
    rssPages: number("rssPages") || 0,
    cpuTicks,
  };
}
