import { entriesOf, isMapping } from "./mapping.js";
import type { Path, Problem } from "./places.js";

/**
 * A condition on an axis or a variant that does not exist: it would silently drop every case, or none. Takes the file's
 * value unchecked, so that all mistakes come at once.
 */
export function conditionProblems(value: unknown): Problem[] {
  const all = isMapping(value) ? [...everyVariant(value.axes, ["axes"])] : [];
  const known = new Map<string, Set<string>>();
  for (const { axis, name } of all) known.set(axis, (known.get(axis) ?? new Set<string>()).add(name));
  return all.flatMap(({ axis: own, variant, path }) =>
    (["only", "no"] as const).flatMap((word) =>
      entriesOf(variant[word]).flatMap(([axis, names]) =>
        problemsOf(known, own, axis, [names].flat()).map((problem) => ({ ...problem, path: [...path, word, axis] })),
      ),
    ),
  );
}

function problemsOf(
  known: ReadonlyMap<string, ReadonlySet<string>>,
  own: string,
  axis: string,
  names: readonly unknown[],
): Omit<Problem, "path">[] {
  const variants = known.get(axis);
  if (variants === undefined)
    return [{ message: `there is no axis ${axis}`, unknown: { word: axis, known: [...known.keys()] } }];
  if (axis === own) return [{ message: `a variant of ${axis} cannot have a condition on ${axis} itself` }];
  return names
    .filter((name): name is string => typeof name === "string" && !variants.has(name))
    .map((name) => ({
      message: `axis ${axis} has no variant ${name}`,
      unknown: { word: name, known: [...variants] },
    }));
}

interface Found {
  readonly axis: string;
  readonly name: string;
  readonly variant: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

function* everyVariant(axes: unknown, path: Path): Generator<Found> {
  for (const [axis, variants] of entriesOf(axes))
    for (const [name, variant] of entriesOf(variants)) {
      if (!isMapping(variant)) continue;
      const here = [...path, axis, name];
      yield { axis, name, variant, path: here };
      yield* everyVariant(variant.axes, [...here, "axes"]);
    }
}
