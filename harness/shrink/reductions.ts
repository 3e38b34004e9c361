import { isDeepStrictEqual } from "node:util";
import { asWritten } from "../../lib/model/numeric-params.js";
import { type Params, paramsSchema } from "../../lib/model/params.js";
import { conflictsIn } from "../conflicts.js";
import { type Place, placesOf, valueAt, withValue } from "../value-at.js";
import { ROWS, type Row } from "./rows.js";

/** A smaller case, and what it lacks in words. */
export interface Reduction {
  readonly name: string;
  /** Index of the row that it comes from: in this order they are tried. */
  readonly row: number;
  readonly params: Params;
}

/** What a case has that says nothing. */
const DEFAULTS: Params = paramsSchema.parse({});

/**
 * Everything that a case can be made smaller by in one step, in the order in which it is worth trying. What no scenario could
 * say (it conflicts, or the schema refuses it) is left out, and so is what touches a place that is to stay. Pure.
 * @param staying dotted paths
 */
export function reductions(params: Params, staying: readonly string[] = []): Reduction[] {
  const stays = (after: Params): boolean =>
    staying.every((path) =>
      placesOf(params, path).every((place) => isDeepStrictEqual(valueAt(params, place), valueAt(after, place))),
    );
  return ROWS.flatMap((row, index) =>
    changesOf(row, params).map(({ name, values }): Reduction => {
      const smaller = values.reduce<unknown>((sum, [place, value]) => withValue(sum, place, value), params);
      return { name: name ?? nameOf(values, params), row: index, params: smaller as Params };
    }),
  ).filter(({ params: after }) => !isDeepStrictEqual(after, params) && stays(after) && isPossible(after));
}

/** What one reduction puts where; `undefined` takes the key away. */
interface Change {
  readonly name?: string;
  readonly values: readonly (readonly [Place, unknown])[];
}

function changesOf(row: Row, params: Params): Change[] {
  if ("when" in row && row.when?.(params) === false) return [];
  if ("fewer" in row) return numbers(row.fewer, params, (now) => stepsDown(now, row.lowest));
  if ("half" in row) return numbers(row.half, params, (now) => [Math.floor(now / 2)].filter((n) => n >= row.lowest));
  if ("entries" in row) return entries(row.entries, params);
  if ("keys" in row) return keys(row.keys, params);
  if ("word" in row) return words(row, params);
  const { to = {}, reset = [] } = row;
  const values = [
    ...Object.entries(to).flatMap(([path, value]) => placesOf(params, path).map((place) => [place, value] as const)),
    ...resets(params, reset),
  ];
  return values.every(([place]) => hasParent(params, place)) ? [{ values }] : [];
}

const resets = (params: Params, paths: readonly string[]): [Place, unknown][] =>
  paths.flatMap((path) => placesOf(params, path).map((place): [Place, unknown] => [place, valueAt(DEFAULTS, place)]));

/** What is in a mapping that the case does not have cannot be changed. */
const hasParent = (params: Params, place: Place): boolean => valueAt(params, place.slice(0, -1)) !== undefined;

function numbers(path: string, params: Params, smaller: (now: number) => readonly number[]): Change[] {
  return placesOf(params, path).flatMap((place) => {
    const now = valueAt(params, place);
    return typeof now === "number" ? smaller(now).map((next): Change => ({ values: [[place, next]] })) : [];
  });
}

/** 10 down to 1: 1, 6, 8, 9. Whatever is needed, it is found in a few steps. */
function stepsDown(now: number, lowest: number): number[] {
  const steps: number[] = [];
  for (let gap = now - lowest; gap > 0; gap = Math.floor(gap / 2)) steps.push(now - gap);
  return steps;
}

function entries(path: string, params: Params): Change[] {
  return placesOf(params, path).flatMap((place) => {
    const list = valueAt(params, place);
    if (!Array.isArray(list)) return [];
    const said = place.join(".");
    return parts(list.length).map(([from, to]): Change => {
      const which = to - from === 1 ? String(from + 1) : `${from + 1} to ${to}`;
      const name = to - from === list.length ? `without ${said}` : `without ${said} ${which} of ${list.length}`;
      return { name, values: [[place, list.filter((_, index) => index < from || index >= to)]] };
    });
  });
}

/** `[from, to)` of all, then of halves, quarters and so on, at last of single entries. */
function parts(length: number): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (let size = length; size > 0; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < length; from += size) found.push([from, Math.min(from + size, length)]);
  return found;
}

function keys(path: string, params: Params): Change[] {
  return placesOf(params, path).flatMap((place) =>
    Object.keys(valueAt(params, place) ?? {}).map((key): Change => ({ values: [[[...place, key], undefined]] })),
  );
}

function words({ word, simplest, reset = [] }: Extract<Row, { word: string }>, params: Params): Change[] {
  return placesOf(params, word).flatMap((place) => {
    const at = simplest.indexOf(String(valueAt(params, place)));
    return simplest
      .slice(0, Math.max(0, at))
      .map((next): Change => ({ values: [[place, next], ...resets(params, reset)] }));
  });
}

const isPossible = (params: Params): boolean =>
  paramsSchema.safeParse(asWritten(params)).success && conflictsIn(params).length === 0;

/** What changes, with the values as a scenario has them. */
function nameOf(values: Change["values"], before: Params): string {
  const after = values.reduce<unknown>((sum, [place, value]) => withValue(sum, place, value), before);
  const [was, is] = [asWritten(before), asWritten(after)];
  return values.flatMap(([place]) => changeWords(place.join("."), valueAt(was, place), valueAt(is, place))).join(", ");
}

function changeWords(path: string, was: unknown, is: unknown): string[] {
  if (isDeepStrictEqual(was, is)) return [];
  if (typeof is === "string" || typeof is === "number") return [`${path} ${is} instead of ${was}`];
  return [`without ${path}${typeof was === "string" || typeof was === "number" ? ` ${was}` : ""}`];
}
