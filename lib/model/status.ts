/** The seven verdicts of Avocado, with its meanings (avocado/core/teststatus.py). */
export const STATUSES = ["PASS", "WARN", "SKIP", "CANCEL", "FAIL", "ERROR", "INTERRUPTED"] as const;
export type Status = (typeof STATUSES)[number];

/** Verdicts that leave the job's exit code alone. */
export const OK_STATUSES: ReadonlySet<Status> = new Set(["PASS", "WARN", "SKIP", "CANCEL"]);

/** Verdicts from harmless to grave. FAIL comes last on purpose: a proven defect is not hidden by anything next to it. */
const GRAVITY: readonly Status[] = ["PASS", "SKIP", "CANCEL", "WARN", "ERROR", "INTERRUPTED", "FAIL"];

/** The gravest of at least one verdict: nothing judged is not a PASS. */
export const worst = (first: Status, ...rest: Status[]): Status =>
  rest.reduce((gravest, next) => (GRAVITY.indexOf(next) > GRAVITY.indexOf(gravest) ? next : gravest), first);
