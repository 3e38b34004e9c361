import type { CaseResult, JobResult } from "../../lib/model/result.js";

/** Checks of which a WARN speaks of the guests, and not of how long anything took or what the runner had to do. */
export type Harmless = readonly string[];

/**
 * Why no figure may be taken from a case. One that did less than it was to do is quick, and one that was skipped takes no time
 * at all: both would look like an improvement.
 * @returns undefined: it did what it was to do
 */
export function whyUnfit(result: CaseResult, harmless: Harmless = []): string | undefined {
  const { case: testCase, status, reason, checks, leftovers, migrations } = result;
  const found = checks.filter((check) => check.status !== "PASS");
  const told = [reason ?? [], found.map(({ check, message }) => `${check}: ${message}`), leftovers].flat().join("; ");
  if (status === "PASS" && migrations.length > 0 && leftovers.length === 0) return undefined;
  const isHarmless =
    found.length > 0 && found.every(({ check, status: said }) => said === "WARN" && harmless.includes(check));
  if (status === "WARN" && isHarmless && migrations.length > 0 && leftovers.length === 0) return undefined;
  return `${testCase.id}: ${status}: ${told === "" ? `${migrations.length} migrations` : told}`;
}

/** The same of a job that was to run so many cases, a sentence for each. */
export function whyUnfitJob(
  { cases, interrupted, leftovers }: Pick<JobResult, "cases" | "interrupted" | "leftovers">,
  count: number,
  harmless: Harmless = [],
): string[] {
  return [
    ...(cases.length === count && count > 0 ? [] : [`the job has ${cases.length} cases, not ${count}`]),
    ...(interrupted ? ["the job was interrupted"] : []),
    ...leftovers.map((what) => `not put back: ${what}`),
    ...cases.flatMap((result) => whyUnfit(result, harmless) ?? []),
  ];
}
