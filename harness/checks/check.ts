import type { CheckResult, Evidence } from "../../lib/model/check.js";

/**
 * Judges a finished case from its evidence. Pure: no host, no clock, no file. That is what lets last week's job be
 * judged again with today's checks.
 */
export type Check = (evidence: Evidence) => CheckResult;

/** A check that throws has proved nothing about the guest: it becomes ERROR, never PASS. */
export function runCheck(name: string, check: Check, evidence: Evidence): CheckResult {
  try {
    return check(evidence);
  } catch (error) {
    const message = `the check itself broke: ${error instanceof Error ? error.message : String(error)}`;
    return { check: name, status: "ERROR", message };
  }
}
