import type { KernelLine } from "../model/check.js";

/** Lines of a ring buffer that are kept at most: a kernel that says more than that is in trouble all the same. */
const MAX_LINES = 20_000;

/**
 * Reads `dmesg -r`: `<6>[    1.234567] text`, of util-linux and of busybox. The number is facility × 8 + level. A line
 * without it belongs to the one before (a message with newlines in it) and has its level. Fixtures: `dmesg-*`.
 * @param atMs from the seconds since boot in the line to a time of ours, where that is known
 */
export function parseKernelLines(text: string, atMs: (bootS: number) => number | undefined = unknown): KernelLine[] {
  const lines: KernelLine[] = [];
  for (const raw of text.split("\n").slice(-MAX_LINES)) {
    if (raw.trim() === "") continue;
    const [, priority, rest] = /^<(\d{1,5})>(.*)$/.exec(raw) ?? [];
    const level = priority === undefined ? (lines.at(-1)?.level ?? 6) : Number(priority) % 8;
    const [stamp = "", bootS] = STAMP.exec(rest ?? raw) ?? [];
    const ms = bootS === undefined ? undefined : atMs(Number(bootS));
    lines.push({
      level,
      text: (rest ?? raw).slice(stamp.length, stamp.length + 1000),
      ...(ms === undefined ? {} : { atMs: Math.round(ms) }),
    });
  }
  return lines;
}

/** Seconds since boot, and the CPU or thread where the kernel adds it; no part of the text. */
const STAMP = /^\[\s*(\d{1,12}\.\d{1,9})\](?:\[\s*[TC]\d+\])?\s?/;

const unknown = (): undefined => undefined;
