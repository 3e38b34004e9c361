import { HarnessError } from "../errors.js";
import type { KernelLog } from "../model/check.js";
import { isJudged } from "../model/judged-lines.js";
import { MAX_OUTPUT_BYTES } from "../transport/capped.js";
import type { Run } from "../transport/transport.js";
import { parseKernelLines } from "./kernel-lines.js";

/** Of a longer log the transport would keep the beginning, and what is new stands at the end. */
const MOST_BYTES = MAX_OUTPUT_BYTES - 2 ** 20;

/** The uptime first, so that the times in the log can be told in ours; where it cannot be read there are no times. */
const DMESG = {
  file: "sh",
  args: ["-c", `cut -d ' ' -f 1 /proc/uptime 2>/dev/null; dmesg -r | tail -c ${MOST_BYTES}`],
  timeoutMs: 30_000,
} as const;

/** Lines that make a mark: one alone may well come twice, several with their time stamps do not. */
const MARK_LINES = 3;

/**
 * Where the kernel log of a host ends now: its last lines, for `kernelLogSince`. Nothing is written and nothing is
 * cleared, since a host is not ours. The mark of an empty log is empty.
 */
export async function kernelMark(run: Run): Promise<string> {
  return markOf((await read(run)).text);
}

interface Read {
  readonly uptimeS?: number;
  readonly text: string;
}

async function read(run: Run): Promise<Read> {
  const { exitCode, host, stdout, stderr } = await run(DMESG);
  const [line = "", uptime] = /^(\d{1,12}\.\d\d)\n/.exec(stdout) ?? [];
  const text = stdout.slice(line.length);
  // The exit code is that of tail.
  const hasFailed = exitCode !== 0 || (text === "" && stderr !== "");
  if (!hasFailed) return uptime === undefined ? { text } : { text, uptimeS: Number(uptime) };
  throw new HarnessError("command-failed", `${host}: the kernel log cannot be read: ${stderr.trim()}`);
}

const markOf = (text: string): string => rawLines(text).slice(-MARK_LINES).join("\n");

/** What was added since a mark, and the mark for whoever goes on from there. */
export interface KernelLogPart {
  readonly log: KernelLog;
  readonly mark: string;
  /** What all of it came to, as it was read. */
  readonly bytes: number;
}

/**
 * What was added to the kernel log of a host since the mark; `lost` when the log no longer tells.
 * @param nowMs milliseconds since the job started
 * @throws HarnessError when it cannot be read; the mark still holds then
 */
export async function kernelLogSince(run: Run, mark: string, nowMs: () => number): Promise<KernelLogPart> {
  const askedMs = nowMs();
  const { text, uptimeS } = await read(run);
  const atMs = (bootS: number) => (uptimeS === undefined ? undefined : askedMs + (bootS - uptimeS) * 1000);
  return { log: addedSince(text, mark, atMs), mark: markOf(text), bytes: Buffer.byteLength(text) };
}

/** Lines of one log that are kept whatever they say. */
const WHOLE_LINES = 10_000;
/** Lines that are kept of one log at most. */
const MOST_LINES = 30_000;
const CUT_OFF = `more was said than the ${MOST_LINES} lines that are kept to be judged`;

/**
 * Two parts that follow each other; what was lost stays lost. Of what is behind the first ten thousand lines only those are kept
 * that a check may judge, and how many were left out is told. A log that has too many of them is cut off: what it proves by then
 * stands, and of the rest nothing is known.
 */
export function joined(before: KernelLog | undefined, after: KernelLog): KernelLog {
  if ("lost" in after) return after;
  const first = before ?? { added: [] };
  if ("lost" in first) return first;
  const room = Math.max(0, WHOLE_LINES - first.added.length);
  const added = [...first.added, ...after.added.slice(0, room), ...after.added.slice(room).filter(isJudged)];
  const kept = added.slice(0, MOST_LINES);
  const missing = first.added.length + after.added.length - kept.length;
  const leftOutLines = (first.leftOutLines ?? 0) + (after.leftOutLines ?? 0) + missing;
  const cutOff = first.cutOff ?? after.cutOff ?? (added.length > kept.length ? CUT_OFF : undefined);
  return {
    added: kept,
    ...(leftOutLines === 0 ? {} : { leftOutLines }),
    ...(cutOff === undefined ? {} : { cutOff }),
  };
}

/**
 * The lines behind the mark. An empty mark was an empty log: then everything was added. Only the end of the mark has to
 * be there still, since a ring buffer forgets its oldest lines first; once that is gone, lines in between may be too.
 */
export function addedSince(text: string, mark: string, atMs?: (bootS: number) => number | undefined): KernelLog {
  const lines = rawLines(text);
  const last = rawLines(mark);
  if (last.length === 0) return { added: parseKernelLines(lines.join("\n"), atMs) };
  for (let end = lines.length; end > 0; end -= 1) {
    const seen = lines.slice(Math.max(0, end - last.length), end);
    if (seen.every((line, index) => line === last[last.length - seen.length + index]))
      return { added: parseKernelLines(lines.slice(end).join("\n"), atMs) };
  }
  return { lost: "the kernel log was cleared, or so much was written that its beginning is gone" };
}

const rawLines = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");
