import { z } from "zod";
import { paramsSchema } from "./params.js";
import { duration, memorySize } from "./units.js";

/** How a number is written: memory with its unit (MiB once it is read), a duration likewise (ms), or bare. */
export type NumberKind = "memory" | "duration" | "integer" | "decimal";

/** A parameter that is a number. Those inside a list have the path of the list: `load.workers` is that of every entry. */
export interface NumericParam {
  /** Dotted: `guests.memory`. */
  readonly path: string;
  readonly kind: NumberKind;
  /** Reads one value as it is written, without default. */
  readonly schema: z.ZodType;
  readonly description: string | undefined;
}

/** The parts of zod's definitions that hold other schemas. */
interface Def {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly out?: z.ZodType;
  readonly getter?: () => z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

/** Every number in a schema of parameters, however deep, in the order of the schema. */
export function numericParamsOf(schema: z.ZodType, path: readonly string[] = [], told?: string): NumericParam[] {
  const { type, innerType, out, getter, shape, element, options } = schema.def as Def;
  const description = schema.description ?? told;
  if (innerType !== undefined) return numericParamsOf(innerType, path, description);
  const kind = kindOf(schema, type);
  if (kind !== undefined) return [{ path: path.join("."), kind, schema, description }];
  if (shape !== undefined)
    return Object.entries(shape).flatMap(([key, field]) => numericParamsOf(field, [...path, key]));
  const below = element ?? (type === "pipe" ? out : undefined) ?? getter?.();
  const inside = below === undefined ? (options ?? []) : [below];
  return inside.flatMap((one) => numericParamsOf(one, path, description));
}

/** Asked and not looked up, because a description makes a copy of the schema. */
function kindOf(schema: z.ZodType, type: string): NumberKind | undefined {
  if (type === "number") return z.toJSONSchema(schema).type === "integer" ? "integer" : "decimal";
  if (type !== "pipe") return undefined;
  if (reads(schema, "1MiB")) return "memory";
  return reads(schema, "1h") ? "duration" : undefined;
}

const reads = (schema: z.ZodType, text: string): boolean => typeof schema.safeParse(text).data === "number";

export const NUMERIC_PARAMS: readonly NumericParam[] = [
  ...new Map(numericParamsOf(paramsSchema).map((param) => [param.path, param])).values(),
];

/**
 * A copy with the numbers at a path changed; in lists every entry is taken. What is absent there stays absent, unless it is
 * said what it is to become. Pure.
 */
export function mapNumbers(
  value: unknown,
  path: readonly string[],
  change: (number: number) => unknown,
  instead?: () => unknown,
): unknown {
  if (Array.isArray(value)) return value.map((entry) => mapNumbers(entry, path, change, instead));
  const [key, ...rest] = path;
  if (key === undefined) return typeof value === "number" ? change(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Object.hasOwn(value, key))
    return { ...value, [key]: mapNumbers((value as Record<string, unknown>)[key], rest, change, instead) };
  return instead === undefined || rest.length > 0 ? value : { ...value, [key]: instead() };
}

/** Parameters that were read as a person would write them, so that they can be checked once more. Pure. */
export const asWritten = (params: unknown, numbers: readonly NumericParam[] = NUMERIC_PARAMS): unknown =>
  numbers.reduce(
    (written, { path, kind }) => mapNumbers(written, path.split("."), (number) => withUnit(kind, number)),
    params,
  );

/** One number as a person would write it: `192MiB`, `5m`. Entries of lists have their index in the path: `load.0.workers`. */
export function numberWithUnit(param: string, number: number): string | number {
  const path = param.replace(/\.\d+(?=\.|$)/g, "");
  const kind = NUMERIC_PARAMS.find((one) => one.path === path)?.kind ?? "decimal";
  return withUnit(kind, number);
}

const UNITS: Readonly<Record<NumberKind, readonly (readonly [unit: string, size: number])[]>> = {
  memory: [
    ["GiB", 1024],
    ["MiB", 1],
  ],
  duration: [
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
    ["ms", 1],
  ],
  integer: [],
  decimal: [],
};

/** In the largest unit that leaves nothing over: the number of digits is limited. */
function withUnit(kind: NumberKind, number: number): string | number {
  const [unit, size = 1] = UNITS[kind].find(([, each]) => number % each === 0) ?? UNITS[kind].at(-1) ?? [];
  return unit === undefined ? number : `${number / size}${unit}`;
}

/** What a limit or a new value for such a parameter is written with. */
export const limitSchema = ({ kind, schema }: NumericParam): z.ZodType =>
  ({ memory: memorySize, duration, integer: schema, decimal: schema })[kind];
