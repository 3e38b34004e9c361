import type { Case } from "../lib/model/case.js";
import { asWritten, mapNumbers, NUMERIC_PARAMS } from "../lib/model/numeric-params.js";
import { type Params, paramsSchema } from "../lib/model/params.js";
import { type PlacedChange, type Profile, type ReadChange, readChanges } from "../lib/model/profile.js";
import { schemaProblems } from "../lib/model/schema-problems.js";
import { sharedProblems } from "./case-problems.js";
import { conflictsIn } from "./conflicts.js";
import type { LoadedProfile } from "./load.js";
import { badInput, describe, type Problem } from "./places.js";
import { withValue } from "./value-at.js";

/**
 * The same cases with their numbers scaled; ids, variants and everything that is no number stay. Pure.
 * @throws HarnessError `bad-input` at the place in the profile that makes a case impossible
 */
export function profiled(cases: readonly Case[], { profile, source }: LoadedProfile): Case[] {
  const { cases: scaled, problems } = applyProfile(cases, profile);
  if (problems.length > 0) throw badInput(describe(source, problems));
  return scaled;
}

/** The same without a file: what is wrong comes back beside the cases, with paths in the profile. Pure. */
export function applyProfile(
  cases: readonly Case[],
  profile: Profile,
): { readonly cases: Case[]; readonly problems: readonly Problem[] } {
  const all = readChanges(profile);
  const shared = sharedProblems();
  const scaled = cases.map((testCase) => {
    const changes = all.filter(({ fits }) => fits(testCase));
    const params = changes.reduce((sum, change) => changed(sum, change), testCase.params);
    shared.add(problemsIn(params, changes), testCase.id);
    return { ...testCase, params };
  });
  return { cases: scaled, problems: shared.told() };
}

/** One change on the parameters of a case. Pure. */
export function changed(params: Params, { param, change, isGiven }: PlacedChange): Params {
  const path = param.split(".");
  if ("word" in change) return withValue(params, path, change.word) as Params;
  const after = numberAfter(param, change);
  const instead = change.set;
  const given = isGiven && instead !== undefined ? () => after(instead) : undefined;
  return mapNumbers(params, path, after, given) as Params;
}

/** Whole numbers stay whole: of decimals alone the schema knows what to do with a fraction. */
function numberAfter(path: string, { set, times = 1, atLeast, atMost }: ReadChange): (before: number) => number {
  const isDecimal = NUMERIC_PARAMS.some((param) => param.path === path && param.kind === "decimal");
  return (before) => {
    const product = (set ?? before) * times;
    const scaled = isDecimal ? product : Math.round(product);
    return Math.min(Math.max(scaled, atLeast ?? scaled), atMost ?? Number.POSITIVE_INFINITY);
  };
}

function problemsIn(params: Params, changes: readonly PlacedChange[]): Problem[] {
  const placeOf = (fits: (param: string) => boolean): Problem["path"] =>
    changes.findLast(({ param }) => fits(param))?.place ?? ["scale"];
  const refused = schemaProblems(paramsSchema, asWritten(params)).map(({ path, message }) => {
    const dotted = path.filter((key) => typeof key === "string").join(".");
    return { path: placeOf((param) => param === dotted), message: `what this makes of it is refused: ${message}` };
  });
  if (refused.length > 0) return refused;
  return conflictsIn(params).map(({ section, reason }) => ({
    path: placeOf((param) => param.startsWith(`${section}.`)),
    message: reason,
  }));
}
