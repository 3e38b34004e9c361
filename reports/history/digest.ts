import { createHash } from "node:crypto";
import { median } from "../../lib/model/median.js";
import type { JobResult } from "../../lib/model/result.js";
import type { Status } from "../../lib/model/status.js";
import { settingsOf } from "../compare/settings.js";

/** What a history keeps of a job: little enough that thousands of them fit into memory. */
export interface JobDigest {
  /** Below the results folder. */
  readonly folder: string;
  readonly jobId: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly cases: ReadonlyMap<string, CaseDigest>;
  /** Observed silences of all its migrations. */
  readonly silences: number;
  /** Milliseconds; absent: nothing was observed. */
  readonly medianSilenceMs?: number;
}

export interface CaseDigest {
  readonly status: Status;
  /** Equal for equal parameters. */
  readonly params: string;
}

/** @param isAsked by the id of a case; the others are left out of everything */
export function digestOf(job: JobResult, folder: string, isAsked: (caseId: string) => boolean): JobDigest {
  const cases = job.cases.filter(({ case: { id } }) => isAsked(id));
  const silences = cases.flatMap(({ migrations }) => migrations.flatMap(({ silence }) => silence?.longestMs ?? []));
  const medianSilenceMs = median(silences);
  return {
    folder,
    jobId: job.jobId,
    startedAt: job.startedAt,
    settings: settingsOf(job),
    cases: new Map(
      cases.map(({ case: { id, params }, status }) => [
        id,
        { status, params: createHash("sha256").update(JSON.stringify(params)).digest("hex").slice(0, 16) },
      ]),
    ),
    silences: silences.length,
    ...(medianSilenceMs === undefined ? {} : { medianSilenceMs }),
  };
}
