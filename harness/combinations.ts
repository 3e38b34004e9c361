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
export const combinations = (axes: Axes): Choice[][] => product(axes, ["axes"]).filter(allowed);

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

/** `only` wants its axis to be there with one of the named variants; `no` is content when the axis is not there. */
function allowed(choices: readonly Choice[]): boolean {
  const has = (axis: string, names: string | readonly string[]): boolean =>
    choices.some((choice) => choice.axis === axis && [names].flat().includes(choice.name));
  return choices.every(
    ({ variant: { only, no } }) =>
      Object.entries(only ?? {}).every(([axis, names]) => has(axis, names)) &&
      !Object.entries(no ?? {}).some(([axis, names]) => has(axis, names)),
  );
}
