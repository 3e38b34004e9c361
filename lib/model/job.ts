import type { Inventory } from "./inventory.js";
import type { Profile } from "./profile.js";

/** What a job is, for whoever has to go on with it or clean up after it: `job.json`, written first. */
export interface JobRecord {
  readonly jobId: string;
  /** Seven characters of the id; they are in the name of everything that the job makes. */
  readonly jobKey: string;
  /** What the locks of the job's hosts carry. */
  readonly token: string;
  readonly version: string;
  readonly argv: readonly string[];
  readonly seed: number;
  /** Absent when the cases run as they were written. */
  readonly profile?: Profile;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  /** The inventory as it was read. Names of secrets, never secrets. */
  readonly inventory: Inventory;
  /** Source and target. */
  readonly hosts: readonly [string, string];
  /** The lab that the job brought up for itself and takes down at its end. */
  readonly lab?: string;
}
