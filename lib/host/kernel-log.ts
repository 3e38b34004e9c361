import { HarnessError } from "../errors.js";
import type { KernelLog } from "../model/check.js";
import type { Run } from "../transport/transport.js";
import { parseKernelLines } from "./kernel-lines.js";

const DMESG = { file: "dmesg", args: ["-r"], timeoutMs: 30_000 } as const;

/** Lines that make a mark: one alone may well come twice, several with their time stamps do not. */
const MARK_LINES = 3;

/**
 * Where the kernel log of a host ends now: its last lines, for `kernelLogSince`. Nothing is written and nothing is
 * cleared, since a host is not ours. The mark of an empty log is empty.
 */
export async function kernelMark(run: Run): Promise<string> {
  return markOf(await read(run));
}

async function read(run: Run): Promise<string> {
  const { exitCode, host, stdout, stderr } = await run(DMESG);
  if (exitCode === 0) return stdout;
  throw new HarnessError("command-failed", `${host}: the kernel log cannot be read: ${stderr.trim()}`);
}

const markOf = (text: string): string => rawLines(text).slice(-MARK_LINES).join("\n");

/** What was added since a mark, and the mark for whoever goes on from there. */
export interface KernelLogPart {
  readonly log: KernelLog;
  readonly mark: string;
}

/**
 * What was added to the kernel log of a host since the mark; `lost` when the log no longer tells.
 * @throws HarnessError when it cannot be read; the mark still holds then
 */
export async function kernelLogSince(run: Run, mark: string): Promise<KernelLogPart> {
  const text = await read(run);
  return { log: addedSince(text, mark), mark: markOf(text) };
}

/** Two parts that follow each other; what was lost stays lost. */
export const joined = (before: KernelLog | undefined, after: KernelLog): KernelLog => {
  if (before === undefined || "lost" in after) return after;
  return "lost" in before ? before : { added: [...before.added, ...after.added] };
};

/**
 * The lines behind the mark. An empty mark was an empty log: then everything was added. Only the end of the mark has to
 * be there still, since a ring buffer forgets its oldest lines first; once that is gone, lines in between may be too.
 */
export function addedSince(text: string, mark: string): KernelLog {
  const lines = rawLines(text);
  const last = rawLines(mark);
  if (last.length === 0) return { added: parseKernelLines(lines.join("\n")) };
  for (let end = lines.length; end > 0; end -= 1) {
    const seen = lines.slice(Math.max(0, end - last.length), end);
    if (seen.every((line, index) => line === last[last.length - seen.length + index]))
      return { added: parseKernelLines(lines.slice(end).join("\n")) };
  }
  return { lost: "the kernel log was cleared, or so much was written that its beginning is gone" };
}

const rawLines = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");
