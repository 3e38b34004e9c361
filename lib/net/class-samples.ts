import { HarnessError } from "../errors.js";
import type { ClassPoint, ClassSeries } from "../model/class-series.js";
import { addPoint, MAX_POINTS } from "../model/points.js";
import type { Opening } from "../transport/opening.js";
import { pausingScript } from "../transport/pausing.js";
import type { Remote, Run, Running } from "../transport/transport.js";
import { parseClasses, type ShownClass } from "./class-lines.js";

/** The classes of an interface at one moment. */
export interface ClassReading {
  /** Seconds since the host's start: its monotonic clock. */
  readonly upS: number;
  readonly classes: readonly ShownClass[];
}

/** Shows in the host's list of processes what this is. */
const NAME = "migstorm-classes";

/** `$1` interface, `$2` pause in seconds; empty: one reading only. Each is written at once, for each piece wakes who reads. */
const SAMPLE = `while :; do
  read -r up _ </proc/uptime || exit 1
  shown=$(tc -s class show dev "$1") || exit 1
  printf '== %s\\n%s\\n== end\\n' "$up" "$shown"
  [ -n "$2" ] || exit 0
  pause "$2"
done`;

const sampler = (device: string, pauseS: string) => pausingScript(SAMPLE, NAME, device, pauseS);

/** More lines than the classes of any tree of ours; what a host prints beyond is not kept. */
const MAX_LINES = 5_000;

/**
 * Reads the classes of an interface each second, until it is stopped. When `ended` resolves and nobody stopped it, readings
 * are missing from then on.
 * @throws HarnessError `unreachable`, also when the machine does not begin in time; the reason of the signal
 */
export function startClassSampler(
  remote: Remote,
  device: string,
  onReading: (reading: ClassReading) => void,
  opening: Opening = {},
): Promise<Running> {
  let lines: string[] = [];
  const onLine = (line: string): void => {
    if (line.startsWith("== ") && line !== "== end") lines = [];
    if (lines.length < MAX_LINES) lines.push(line);
    const reading = line === "== end" ? parseClassReading(lines.join("\n")) : undefined;
    if (reading !== undefined) onReading(reading);
  };
  return remote.start(sampler(device, "1"), onLine, { what: "the sampler of classes", ...opening });
}

/**
 * The same once, now: where a leg begins and where it ends.
 * @throws HarnessError `command-failed` when the host does not say
 */
export async function readClasses(run: Run, device: string): Promise<ClassReading> {
  const { exitCode, host, stdout, stderr } = await run({ ...sampler(device, ""), timeoutMs: 30_000 });
  const reading = exitCode === 0 ? parseClassReading(stdout) : undefined;
  if (reading === undefined)
    throw new HarnessError("command-failed", `${host}: cannot read the classes of ${device}: ${stderr.trim()}`);
  return reading;
}

/** `== UPTIME`, what tc prints, `== end`; undefined when that is not whole. */
export function parseClassReading(text: string): ClassReading | undefined {
  const up = /^== (\d{1,12}(?:\.\d{1,3})?)\n/.exec(text)?.[1];
  if (up === undefined || !/\n== end\n?$/.test(text)) return undefined;
  return { upS: Number(up), classes: parseClasses(text) };
}

/** Gathers a host's readings for the report, in bounded memory. */
export interface ClassGathering {
  readonly take: (reading: ClassReading) => void;
  readonly series: () => ClassSeries[];
}

/** @param nowMs milliseconds since the job started: the first reading is put there, the others by the host's own clock */
export function gatherClasses(
  host: string,
  device: string,
  nowMs: () => number,
  maxPoints = MAX_POINTS,
): ClassGathering {
  let first: { readonly upS: number; readonly atMs: number } | undefined;
  const all = new Map<string, ClassSeries>();
  return {
    take: ({ upS, classes }) => {
      first ??= { upS, atMs: nowMs() };
      const ms = Math.round(first.atMs + (upS - first.upS) * 1000);
      for (const one of classes) {
        const { id, rateMbps, ceilMbps } = one;
        const points = addPoint(all.get(id)?.points ?? [], pointOf(ms, one), maxPoints);
        const rates = {
          ...(rateMbps === undefined ? {} : { rateMbps }),
          ...(ceilMbps === undefined ? {} : { ceilMbps }),
        };
        all.set(id, { host, interface: device, id, ...rates, points });
      }
    },
    series: () => [...all.values()],
  };
}

const pointOf = (ms: number, { bytes, packets, dropped, lended, borrowed, backlogBytes }: ShownClass): ClassPoint => [
  ms,
  bytes,
  packets,
  dropped,
  lended,
  borrowed,
  backlogBytes ?? null,
];
