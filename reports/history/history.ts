import { OK_STATUSES, STATUSES, type Status } from "../../lib/model/status.js";
import { type Change, settingChanges } from "../compare/settings.js";
import { countByStatus } from "../summary.js";
import type { CaseDigest, JobDigest } from "./digest.js";

export interface HistoryJob extends Pick<JobDigest, "folder" | "jobId" | "startedAt" | "silences" | "medianSilenceMs"> {
  readonly counts: Readonly<Record<Status, number>>;
  /** Versions and settings that are not those of the job before. */
  readonly changed: readonly Change[];
}

export interface HistoryCase {
  readonly caseId: string;
  /** One for each job, in their order; null: the job did not have the case. */
  readonly verdicts: readonly (Status | null)[];
  /** How often it went from good to bad or back between two runs with equal versions, settings and parameters. */
  readonly flips: number;
  /** Such pairs of runs. */
  readonly pairs: number;
  /** flips / pairs; absent without a pair. */
  readonly flakeRate?: number;
}

/** Folders that tell nothing, and why. */
export interface SkippedFolder {
  readonly folder: string;
  readonly reason: string;
}

export interface History {
  /** Oldest first. */
  readonly jobs: readonly HistoryJob[];
  /** Those that flake most first, then those that went wrong most. */
  readonly cases: readonly HistoryCase[];
  readonly skipped: readonly SkippedFolder[];
}

/** Cases against jobs, from what is kept of each job, in any order. Pure. */
export function historyOf(digests: readonly JobDigest[], skipped: readonly SkippedFolder[]): History {
  const jobs = [...digests].sort((a, b) => compareTexts(a.startedAt, b.startedAt) || compareTexts(a.folder, b.folder));
  const settings = jobs.map((job) => JSON.stringify([...job.settings]));
  const ids = [...new Set(jobs.flatMap(({ cases }) => [...cases.keys()]))];
  const cases = ids.map((id) => {
    const seen = jobs.map((job) => job.cases.get(id));
    return caseHistory(id, seen, settings);
  });
  return {
    jobs: jobs.map((job, index) => historyJob(job, jobs[index - 1])),
    cases: cases.sort(
      (a, b) => (b.flakeRate ?? 0) - (a.flakeRate ?? 0) || wrongs(b) - wrongs(a) || compareTexts(a.caseId, b.caseId),
    ),
    skipped,
  };
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const wrongs = ({ verdicts }: HistoryCase): number =>
  verdicts.filter((status) => isVerdict(status) && !isOk(status)).length;

function historyJob({ settings, cases, ...job }: JobDigest, before: JobDigest | undefined): HistoryJob {
  const changed = before === undefined ? [] : settingChanges(before.settings, settings);
  return { ...job, counts: countByStatus([...cases.values()]), changed };
}

function caseHistory(
  caseId: string,
  seen: readonly (CaseDigest | undefined)[],
  settings: readonly string[],
): HistoryCase {
  let [flips, pairs] = [0, 0];
  let last: { readonly isOk: boolean; readonly conditions: string } | undefined;
  for (const [index, one] of seen.entries()) {
    if (one === undefined || !isVerdict(one.status)) continue;
    const now = { isOk: isOk(one.status), conditions: `${one.params} ${settings[index]}` };
    if (last?.conditions === now.conditions) {
      pairs += 1;
      if (last.isOk !== now.isOk) flips += 1;
    }
    last = now;
  }
  const verdicts = seen.map((one) => one?.status ?? null);
  return { caseId, verdicts, flips, pairs, ...(pairs === 0 ? {} : { flakeRate: flips / pairs }) };
}

/** What was skipped or stopped says nothing of the case. */
const VERDICTS: ReadonlySet<Status> = new Set(
  STATUSES.filter((status) => !["SKIP", "CANCEL", "INTERRUPTED"].includes(status)),
);

const isVerdict = (status: Status | null): status is Status => status !== null && VERDICTS.has(status);
const isOk = (status: Status): boolean => OK_STATUSES.has(status);
