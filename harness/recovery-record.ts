import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeJson } from "../lib/store/artifacts.js";

/** What recoveries of a job have come to so far: `recovery.json` in its folder. */
export interface RecoveryRecord {
  /** Token of the run that was recovered: a resumed job has another one, and everything is open again. */
  readonly token: string;
  /** Machines that will never come back, as somebody said. */
  readonly givenUp: readonly string[];
  /** Nothing is left to put back, and no lock. */
  readonly isDone: boolean;
}

const pathIn = (folder: string): string => join(folder, "recovery.json");

export async function readRecovery(folder: string, token: string): Promise<RecoveryRecord> {
  const none: RecoveryRecord = { token, givenUp: [], isDone: false };
  try {
    const record = JSON.parse(await readFile(pathIn(folder), "utf8")) as RecoveryRecord;
    return record.token === token ? record : none;
  } catch {
    // Not recovered yet; to recover once more is harmless.
    return none;
  }
}

export const writeRecovery = (folder: string, record: RecoveryRecord): Promise<void> =>
  writeJson(pathIn(folder), record);
