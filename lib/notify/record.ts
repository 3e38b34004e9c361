import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { appendJson } from "../store/soak-folder.js";

/** A line of `notified.ndjson` in a job's folder: a message that was sent, or was to be. */
export interface NotifiedLine {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly event: string;
  /** Why it did not arrive; absent when it did. */
  readonly problem?: string;
}

export const notifiedPath = (folder: string): string => join(folder, "notified.ndjson");

/** A full disk costs the line, and nothing else. */
export const recordNotified = (path: string, line: NotifiedLine): Promise<void> =>
  appendJson(path, line).catch(() => undefined);

/** Whether a message of that kind has arrived already. */
export async function wasNotified(folder: string, event: string): Promise<boolean> {
  const text = await readFile(notifiedPath(folder), "utf8").catch(() => "");
  return text.split("\n").some((line) => isThat(line, event));
}

function isThat(line: string, event: string): boolean {
  try {
    const said = JSON.parse(line) as Partial<NotifiedLine>;
    return said.event === event && said.problem === undefined;
  } catch {
    // The empty end, or torn by a crash: sent twice is better than never.
    return false;
  }
}
