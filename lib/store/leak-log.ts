import { readFile } from "node:fs/promises";
import type { LeakSample } from "../model/soak.js";
import { writeText } from "./artifacts.js";
import { appendJson } from "./soak-folder.js";

/** Lines that `leaks.ndjson` has at most, some 2 KiB each. */
export const MAX_LINES = 2_000;

export interface LeakLog {
  readonly add: (sample: LeakSample) => Promise<void>;
}

/**
 * Keeps what was read between the passes of a soak. When it is full, the latest half stays, and of the passes before every second,
 * fourth, eighth and so on: however long the soak, it tells from the beginning on, and the latest in full.
 */
export function leakLog(path: string, maxLines = MAX_LINES): LeakLog {
  let [lines, every] = [0, 1];
  return {
    add: async (sample) => {
      await appendJson(path, sample);
      lines += 1;
      if (lines <= maxLines) return;
      const all = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
      const recent = all.slice(-Math.floor(maxLines / 2));
      const sparse = (): string[] => all.slice(0, -recent.length).filter((line) => passOf(line) % every === 0);
      while (sparse().length > maxLines / 4) every *= 2;
      const kept = [...sparse(), ...recent];
      await writeText(path, kept.map((line) => `${line}\n`).join(""));
      lines = kept.length;
    },
  };
}

/** Every line is whole: the process that wrote it reads it. */
const passOf = (line: string): number => (JSON.parse(line) as LeakSample).pass;
