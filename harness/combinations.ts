import type { Axes, Variant } from "../lib/model/scenario.js";
import type { Path } from "./places.js";

/** An id is the name of a folder, and file systems stop at 255 bytes. */
export const MAX_ID_LENGTH = 200;

/** A variant of an axis that was chosen for a case, and where it stands. One object for all cases that have it. */
export interface Choice {
  readonly axis: string;
  readonly name: string;
  readonly variant: Variant;
  readonly path: Path;
}

/**
 * Every way to choose a variant of each axis, nested ones included, that the conditions allow: in the order of the file,
 * coarse to fine, the last axis turning fastest. Pure.
 */
export const combinations = (axes: Axes): Choice[][] =>
  allCombinations(axes).filter((choices) => refusals(choices).length === 0);

/** The same before any condition dropped one. */
export const allCombinations = (axes: Axes): Choice[][] => product(axes, ["axes"]);

/** How many there are when no condition drops any. Cheap, and exact for any size. */
export const countUpTo = (axes: Axes): bigint =>
  Object.values(axes).reduce(
    (product, variants) =>
      product * Object.values(variants).reduce((sum, variant) => sum + countUpTo(variant.axes ?? {}), 0n),
    1n,
  );

/** Variants that one case has, at most. */
export const depthOf = (axes: Axes): number =>
  Object.values(axes).reduce(
    (sum, variants) =>
      sum + Object.values(variants).reduce((most, { axes: nested }) => Math.max(most, 1 + depthOf(nested ?? {})), 0),
    0,
  );

function product(axes: Axes, path: Path): Choice[][] {
  let lists: Choice[][] = [[]];
  for (const [axis, variants] of Object.entries(axes)) {
    const ways = Object.entries(variants).flatMap(([name, variant]) => {
      const choice: Choice = { axis, name, variant, path: [...path, axis, name] };
      return product(variant.axes ?? {}, [...choice.path, "axes"]).map((more) => [choice, ...more]);
    });
    lists = lists.flatMap((list) => ways.map((way) => [...list, ...way]));
  }
  return lists;
}

/** A condition that a combination does not meet: where it stands, and what it says. */
export interface Refusal {
  readonly path: Path;
  readonly says: string;
}

/** `only` wants its axis to be there with one of the named variants; `no` is content when the axis is not there. */
export function refusals(choices: readonly Choice[]): Refusal[] {
  const has = (axis: string, names: string | readonly string[]): boolean =>
    choices.some((choice) => choice.axis === axis && [names].flat().includes(choice.name));
  return choices.flatMap(({ path, name, variant: { only, no } }) => {
    const told = (word: "only" | "no", axis: string, names: string | readonly string[]): Refusal => ({
      path: [...path, word, axis],
      says: `${name} goes ${word === "only" ? "only" : "never"} with ${[names].flat().join(" or ")} of ${axis}`,
    });
    return [
      ...Object.entries(only ?? {}).flatMap(([axis, names]) => (has(axis, names) ? [] : [told("only", axis, names)])),
      ...Object.entries(no ?? {}).flatMap(([axis, names]) => (has(axis, names) ? [told("no", axis, names)] : [])),
    ];
  });
}
