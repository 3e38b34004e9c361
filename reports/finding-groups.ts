import type { CheckResult } from "../lib/model/check.js";
import type { CaseResult } from "../lib/model/result.js";
import type { Status } from "../lib/model/status.js";
import { signatureOf } from "./signature.js";
import { guestsOf, orNothing, whyOf } from "./summary.js";

/** Cases against which the same is said. */
export interface FindingGroup {
  readonly status: Status;
  /** Absent: no check said it; the case was skipped or broke off, or something was left behind. */
  readonly check?: CheckResult["check"];
  /** As the first of the cases has it. Foreign text: escape it. */
  readonly message: string;
  /** At least one. */
  readonly cases: readonly CaseResult[];
}

const GRAVEST_FIRST: readonly Status[] = ["FAIL", "ERROR", "INTERRUPTED", "WARN", "CANCEL", "SKIP", "PASS"];

/**
 * All that is said against these cases, by each of their checks that is not PASS and by what broke off, the same sentences
 * (names and numbers aside) together: gravest first, then what most cases have. A case may be in several groups. Pure.
 * @param hosts their names, which are no difference between two sentences
 */
export function findingGroups(cases: readonly CaseResult[], hosts: readonly string[]): FindingGroup[] {
  const groups = new Map<string, Finding & { readonly cases: CaseResult[] }>();
  for (const result of cases) {
    const names = [...guestsOf(result), ...hosts];
    for (const finding of findingsOf(result)) {
      const signature = signatureOf(finding, names);
      const known = groups.get(signature);
      if (known === undefined) groups.set(signature, { ...finding, cases: [result] });
      else if (known.cases.at(-1) !== result) known.cases.push(result);
    }
  }
  const rank = ({ status }: Finding): number => GRAVEST_FIRST.indexOf(status);
  return [...groups.values()].sort((a, b) => rank(a) - rank(b) || b.cases.length - a.cases.length);
}

type Finding = Omit<FindingGroup, "cases">;

function findingsOf(result: CaseResult): Finding[] {
  const { status, checks, reason, leftovers } = result;
  if (status === "PASS") return [];
  const judged = checks.flatMap(({ check, status: said, message }): Finding[] =>
    said === "PASS" ? [] : [{ check, status: said, message: orNothing(message) }],
  );
  const broken = reason === undefined ? [] : [{ status, message: orNothing(reason) }];
  const left = leftovers.map((what): Finding => ({ status: "ERROR", message: `not put back: ${what}` }));
  const all = [...judged, ...broken, ...left];
  return all.length > 0 ? all : [{ status, message: whyOf(result) ?? "" }];
}
