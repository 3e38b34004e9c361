import type { KernelLine } from "../model/check.js";

/** Lines of a ring buffer that are kept at most: a kernel that says more than that is in trouble all the same. */
const MAX_LINES = 20_000;

/**
 * Reads `dmesg -r`: `<6>[    1.234567] text`, of util-linux and of busybox. The number is facility × 8 + level. A line
 * without it belongs to the one before (a message with newlines in it) and has its level. Fixtures: `dmesg-*`.
 */
export function parseKernelLines(text: string): KernelLine[] {
  const lines: KernelLine[] = [];
  for (const raw of text.split("\n").slice(-MAX_LINES)) {
    if (raw.trim() === "") continue;
    const [, priority, rest] = /^<(\d{1,5})>(.*)$/.exec(raw) ?? [];
    const level = priority === undefined ? (lines.at(-1)?.level ?? 6) : Number(priority) % 8;
    lines.push({ level, text: withoutStamp(rest ?? raw).slice(0, 1000) });
  }
  return lines;
}

/** The text of a line: seconds since boot, and the CPU or thread where the kernel adds it, do not matter. */
const withoutStamp = (text: string): string => text.replace(/^\[\s*\d+\.\d+\](?:\[\s*[TC]\d+\])?\s?/, "");
