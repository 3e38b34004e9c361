import { HarnessError } from "../errors.js";
import type { KernelLine } from "../model/check.js";

/** Lines that are read at once: an answer of a host is cut at 16 MiB, and so many lines of a kernel take as much. */
const MAX_LINES = 200_000;
/** Level of what has none, and of the rows of a task dump. */
const INFO = 6;

/**
 * Reads `dmesg -r`: `<6>[    1.234567] text`, of util-linux and of busybox. The number is facility × 8 + level. A line
 * without it belongs to the one before (a message with newlines in it) and has its level. What an OOM report says of every
 * process of the host is left out: it may be a thousand rows a strike, and nobody judges them. Fixtures: `dmesg-*`.
 * @param atMs from the seconds since boot in the line to a time of ours, where that is known
 * @throws HarnessError when there are more lines than any log has: of some of them nothing would be known
 */
export function parseKernelLines(text: string, atMs: (bootS: number) => number | undefined = unknown): KernelLine[] {
  const raws = text.split("\n").filter((raw) => raw.trim() !== "");
  if (raws.length > MAX_LINES)
    throw new HarnessError("command-failed", `a kernel log of more than ${MAX_LINES} lines is not read`);
  const lines: KernelLine[] = [];
  let level = INFO;
  for (const raw of raws) {
    const [, priority, rest] = /^<(\d{1,5})>(.*)$/.exec(raw) ?? [];
    if (priority !== undefined) level = Number(priority) % 8;
    const [stamp = "", bootS] = STAMP.exec(rest ?? raw) ?? [];
    const said = (rest ?? raw).slice(stamp.length, stamp.length + 1000);
    if (level === INFO && TASK_DUMP.test(said)) continue;
    const ms = bootS === undefined ? undefined : atMs(Number(bootS));
    lines.push({ level, text: own(said), ...(ms === undefined ? {} : { atMs: Math.round(ms) }) });
  }
  return lines;
}

/** Seconds since boot, and the CPU or thread where the kernel adds it; no part of the text. */
const STAMP = /^\[\s*(\d{1,12}\.\d{1,9})\](?:\[\s*[TC]\d+\])?\s?/;

/**
 * Heading and rows of `dump_tasks` in mm/oom_kill.c: the pid, six numbers (Linux 2.6.25) or up to ten (6.7), and the name, which may
 * be anything. A row is known by its form alone: what was read before may have ended in the midst of the dump.
 */
const TASK_DUMP = /^\[ *(?:pid *\] +uid +tgid +total_vm +rss |\d{1,10}\](?: +-?\d{1,20}){6}(?: |$))/;

/** A string of its own: a piece of a larger one keeps all of that in memory, here each time the whole log of a host. */
const own = (piece: string): string => Buffer.from(piece).toString();

const unknown = (): undefined => undefined;
