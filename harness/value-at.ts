/** Keys and indices, from a value down to one inside it. */
export type Place = readonly PropertyKey[];

/** What stands at a place; undefined where nothing does. */
export const valueAt = (value: unknown, place: Place): unknown =>
  place.reduce<unknown>((here, key) => (here as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

/** A copy with another value at a place; `undefined` takes the key away. Pure. */
export function withValue(value: unknown, [key, ...rest]: Place, next: unknown): unknown {
  if (key === undefined) return next;
  const inner = withValue(valueAt(value, [key]), rest, next);
  if (Array.isArray(value)) return value.map((entry, index) => (index === key ? inner : entry));
  const others = Object.entries(value as object).filter(([name]) => name !== key);
  return inner === undefined ? Object.fromEntries(others) : { ...(value as object), [key]: inner };
}

/** The places that a dotted path means; `faults.*.leg` is one for each entry. None where it has no list to go through. */
export function placesOf(value: unknown, path: string): Place[] {
  return path.split(".").reduce<Place[]>(
    (places, key) =>
      places.flatMap((place) => {
        if (key !== "*") return [[...place, key]];
        const list = valueAt(value, place);
        return Array.isArray(list) ? list.map((_, index) => [...place, index]) : [];
      }),
    [[]],
  );
}
