import type { Case } from "../lib/model/case.js";
import type { Params } from "../lib/model/params.js";
import { readChanges } from "../lib/model/profile.js";
import { PATCH_SECTIONS } from "../lib/model/scenario.js";
import type { Choice } from "./combinations.js";
import type { LoadedProfile, LoadedScenario } from "./load.js";
import { isMapping } from "./mapping.js";
import { type Origin, originsOf } from "./merge.js";
import { type Path, placeOf } from "./places.js";
import { changed } from "./profile.js";

/** One value of a case, and where it comes from. */
export interface Explained {
  /** Dotted: `guests.memory`, `load.0.tool`. */
  readonly param: string;
  /** As it is used: durations in ms, memory in MiB. */
  readonly value: unknown;
  readonly from: "base" | "variant" | "profile" | "default";
  /** The axis and variant that brought it, where one did: `mode: postcopy`. */
  readonly variant?: string;
  /** `file:line:column`; absent for a default. */
  readonly place?: string;
  /** What a profile found there. */
  readonly before?: Omit<Explained, "param" | "before">;
}

/** Every value of a case with its origin, in the order of the parameters. Pure. */
export function explainCase(
  testCase: Case,
  choices: readonly Choice[],
  { scenario, source }: LoadedScenario,
  profile?: LoadedProfile,
): Explained[] {
  const written = PATCH_SECTIONS.flatMap((section) => {
    const origins = originsOf(scenario, choices, section);
    return leaves(testCase.params[section], []).map(({ path, value }): Explained => {
      const param = [section, ...path].join(".");
      const origin = originFor(path, origins);
      if (origin === undefined) return { param, value, from: "default" };
      const choice = choices.findLast((one) => one.path.every((key, index) => origin[index] === key));
      const variant = choice === undefined ? {} : { variant: `${choice.axis}: ${choice.name}` };
      return { param, value, from: choice ? "variant" : "base", ...variant, place: placeOf(source, origin) };
    });
  });
  return profile === undefined ? written : scaled(written, testCase, profile);
}

/**
 * The place of the latest thing that was written at this path or around it. What was written around it as a mapping or list,
 * and does not have this key, leaves it to the default.
 */
function originFor(path: Path, origins: readonly Origin[]): Path | undefined {
  const origin = origins.findLast(({ at }) => at.every((key, index) => String(path[index]) === String(key)));
  if (origin === undefined) return undefined;
  let { place, value } = origin;
  for (const key of path.slice(origin.at.length)) {
    if (!isMapping(value) && !Array.isArray(value)) return place;
    const inside = (value as Record<PropertyKey, unknown>)[key];
    if (inside === undefined) return undefined;
    [place, value] = [[...place, key], inside];
  }
  return place;
}

function leaves(value: unknown, path: Path): { readonly path: Path; readonly value: unknown }[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((one, index) => leaves(one, [...path, index]));
  if (isMapping(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, one]) => leaves(one, [...path, key]));
  return value === undefined ? [] : [{ path, value }];
}

/** Change by change, as they are applied: whatever differs afterwards comes from that one. */
function scaled(written: readonly Explained[], testCase: Case, { profile, source }: LoadedProfile): Explained[] {
  let params: Params = testCase.params;
  const known = new Map(written.map((one) => [one.param, one]));
  for (const change of readChanges(profile).filter(({ fits }) => fits(testCase))) {
    params = changed(params, change);
    for (const { path, value } of leaves(params, [])) {
      const param = path.join(".");
      const old = known.get(param);
      if (old !== undefined && JSON.stringify(old.value) === JSON.stringify(value)) continue;
      const { param: _, before: __, ...before } = old ?? { param, value: undefined, from: "default" as const };
      const place = placeOf(source, change.place);
      known.set(param, { param, value, from: "profile", place, ...(old === undefined ? {} : { before }) });
    }
  }
  return [...known.values()];
}
