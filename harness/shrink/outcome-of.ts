import type { Outcome, ShrinkRun } from "../../lib/model/shrink.js";

/**
 * What a run says about a failure. One that ended OK, or in another FAIL, did not show it. Another ERROR, a case that does not
 * apply or one that takes far too long will hardly show it in a second run: what was made smaller is what it cannot do without.
 * Where an ERROR is what is looked for, another one may be the same in other words, and the case is asked again.
 * @param isTooLong it was cut off by us, because it took far longer than the case as it was
 */
export function outcomeOf(
  { status, signature }: Pick<ShrinkRun, "status" | "signature">,
  wanted: string,
  isTooLong: boolean,
): Outcome {
  if (signature === wanted) return "same";
  if (status === "PASS" || status === "WARN" || status === "FAIL") return "other";
  if (status === "ERROR" && wanted.startsWith("ERROR")) return "other";
  if (status === "INTERRUPTED") return isTooLong ? "unfit" : "untold";
  return status === undefined ? "untold" : "unfit";
}
