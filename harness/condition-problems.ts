import type { Axes, Scenario, Variant } from "../lib/model/scenario.js";
import { didYouMean } from "./suggest.js";
import type { Path, Problem } from "./yaml.js";

/** A condition on an axis or a variant that does not exist: it would silently drop every case, or none. */
export function conditionProblems({ axes = {} }: Scenario): Problem[] {
  const all = [...everyVariant(axes, ["axes"])];
  const known = new Map<string, Set<string>>();
  for (const { axis, name } of all) known.set(axis, (known.get(axis) ?? new Set()).add(name));
  return all.flatMap(({ variant, path }) =>
    (["only", "no"] as const).flatMap((word) =>
      Object.entries(variant[word] ?? {}).flatMap(([axis, names]) =>
        unknownIn(known, axis, [names].flat()).map((message) => ({ path: [...path, word, axis], message })),
      ),
    ),
  );
}

function unknownIn(known: ReadonlyMap<string, ReadonlySet<string>>, axis: string, names: readonly string[]): string[] {
  const variants = known.get(axis);
  if (variants === undefined) return [`there is no axis ${axis}${didYouMean(axis, known.keys())}`];
  return names
    .filter((name) => !variants.has(name))
    .map((name) => `axis ${axis} has no variant ${name}${didYouMean(name, variants)}`);
}

interface Found {
  readonly axis: string;
  readonly name: string;
  readonly variant: Variant;
  readonly path: Path;
}

function* everyVariant(axes: Axes, path: Path): Generator<Found> {
  for (const [axis, variants] of Object.entries(axes))
    for (const [name, variant] of Object.entries(variants)) {
      const here = [...path, axis, name];
      yield { axis, name, variant, path: here };
      if (variant.axes !== undefined) yield* everyVariant(variant.axes, [...here, "axes"]);
    }
}
