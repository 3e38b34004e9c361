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

export const readRecovery = async (folder: string, token: string): Promise<RecoveryRecord> =>
  (await stored(folder, token)) ?? { token, givenUp: [], isDone: false };

/** Whether a recovery of that run has begun. */
export const hasRecovery = async (folder: string, token: string): Promise<boolean> =>
  (await stored(folder, token)) !== undefined;

async function stored(folder: string, token: string): Promise<RecoveryRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(pathIn(folder), "utf8")) as RecoveryRecord;
    return record.token === token ? record : undefined;
  } catch {
    // Not recovered yet; to recover once more is harmless.
    return undefined;
  }
}

export const writeRecovery = (folder: string, record: RecoveryRecord): Promise<void> =>
  writeJson(pathIn(folder), record);
