/** CPU time of one process so far, all of its threads together, also of those that have ended. */
export interface ProcessCpu {
  readonly kind: "daemon" | "guest";
  /** `libvirtd`, or the guest's name. */
  readonly name: string;
  readonly pid: number;
  /** Seconds after the host's start at which it was started: tells it from another one with its number. */
  readonly startS: number;
  readonly cpuS: number;
}

/** What a host's processes have used until one moment. */
export interface CpuReading {
  /** Seconds since the host's start: its monotonic clock. */
  readonly upS: number;
  /** Of all CPUs together, without idling, waiting for disks, and what a hypervisor took away. */
  readonly busyS: number;
  readonly processes: readonly ProcessCpu[];
}

/** USER_HZ, the unit of /proc: 100 on every architecture that runs libvirt, whatever the kernel's own HZ is. */
const TICKS_PER_S = 100;
const TICKS = /^\d{1,15}$/;

/**
 * Reads a line of `CPU_SCRIPT`; undefined when it is none. A process that is not written as it should be is left out.
 * Fixture: `proc-linux-6.18/cpu-lines.txt`.
 */
export function parseCpuLine(line: string): CpuReading | undefined {
  const [mark, up = "", busy = "", ...rest] = line.split(" ");
  if (mark !== "cpu" || !/^\d{1,12}(?:\.\d{1,3})?$/.test(up) || !TICKS.test(busy)) return undefined;
  const processes: ProcessCpu[] = [];
  for (let at = 0; at + FIELDS <= rest.length; at += FIELDS) processes.push(...processOf(rest.slice(at, at + FIELDS)));
  return { upS: Number(up), busyS: Number(busy) / TICKS_PER_S, processes };
}

/** `guest:g1 812 3344 10 20` */
const FIELDS = 5;

function processOf([who = "", ...numbers]: readonly string[]): ProcessCpu[] {
  const [, kind, name] = /^(daemon|guest):([\w.+@-]{1,255})$/.exec(who) ?? [];
  const [pid, start, user, system] = numbers.map((text) => (TICKS.test(text) ? Number(text) : Number.NaN));
  if ((kind !== "daemon" && kind !== "guest") || name === undefined) return [];
  const process = { kind, name, pid: pid ?? Number.NaN, startS: Number(start) / TICKS_PER_S };
  const cpuS = (Number(user) + Number(system)) / TICKS_PER_S;
  return [process.pid, process.startS, cpuS].every(Number.isFinite) ? [{ ...process, cpuS } as ProcessCpu] : [];
}

/** One process for as long as it lives, even when its number is given to another one later. */
export const processKey = ({ kind, name, pid, startS }: ProcessCpu): string => `${kind} ${name} ${pid} ${startS}`;
