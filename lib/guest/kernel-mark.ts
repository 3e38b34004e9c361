import { HarnessError, messageOf } from "../errors.js";
import { parseKernelLines } from "../host/kernel-lines.js";
import { joined } from "../host/kernel-log.js";
import type { KernelLog } from "../model/check.js";
import { ask } from "../transport/ask.js";
import type { Run } from "../transport/transport.js";

/** Level 5, notice: read by every dmesg, shown on no console. */
const WRITE = 'printf "<5>migstorm mark %s %s\\n" "$1" "$2" > /dev/kmsg';
const WRITE_AND_READ = `${WRITE} && dmesg -r`;

type Edge = "begin" | "end";

/**
 * Writes a line of ours into the kernel log of a guest. A line with a token of its own is found again without doubt, so
 * nothing has to be cleared, and a log that lost lines is noticed.
 */
export async function writeMark(run: Run, token: string, edge: Edge): Promise<void> {
  const { exitCode, host, stderr } = await ask(run, shell(WRITE, token, edge));
  if (exitCode !== 0) throw new HarnessError("command-failed", `${host}: cannot mark the kernel log: ${stderr.trim()}`);
}

/** Marks the end and reads what lies between the marks. Never rejects: what cannot be read is `lost`. */
export async function readSinceMark(run: Run, token: string): Promise<KernelLog> {
  try {
    const { exitCode, stdout, stderr } = await ask(run, shell(WRITE_AND_READ, token, "end"));
    return exitCode === 0
      ? betweenMarks(stdout, token)
      : { lost: `the kernel log cannot be read: ${stderr.trim() || `exit ${exitCode}`}` };
  } catch (error) {
    return { lost: messageOf(error) };
  }
}

/** All that the kernel has said since the guest booted. Never rejects: what cannot be read is `lost`. */
export async function readWhole(run: Run): Promise<KernelLog> {
  try {
    const { exitCode, stdout, stderr } = await ask(run, { file: "dmesg", args: ["-r"], timeoutMs: 20_000 });
    if (exitCode === 0) return { added: parseKernelLines(stdout) };
    return { lost: `the kernel log cannot be read: ${stderr.trim() || `exit ${exitCode}`}` };
  } catch (error) {
    return { lost: messageOf(error) };
  }
}

/** The lines between the two marks. Both have to be there: without the second one, what was read is not the whole. */
export function betweenMarks(text: string, token: string): KernelLog {
  const lines = parseKernelLines(text);
  const find = (edge: Edge): number => lines.findLastIndex((line) => line.text === `migstorm mark ${token} ${edge}`);
  const begin = find("begin");
  const end = find("end");
  if (begin < 0)
    return { lost: "the mark of the beginning is gone: the log was cleared, or overflowed, or the guest booted" };
  if (end <= begin) return { lost: "the mark of the end does not stand in the log" };
  return joined(undefined, { added: lines.slice(begin + 1, end) });
}

const shell = (script: string, ...args: string[]) => ({
  file: "sh",
  args: ["-c", script, "sh", ...args],
  timeoutMs: 20_000,
});
