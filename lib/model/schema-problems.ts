import type { z } from "zod";

/** A mistake in a file, at a path of keys and indices. */
export interface SchemaProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** For a word that is not known there: the word, and those that are. */
  readonly unknown?: { readonly word: string; readonly known: readonly string[] };
}

/** Everything in a value that a schema does not allow, each in words of its own; empty when all is well. Pure. */
export function schemaProblems(schema: z.ZodType, value: unknown): SchemaProblem[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => told(issue, schema, value));
}

function told(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): SchemaProblem[] {
  const { path } = issue;
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysAt(schema, path, value);
      return issue.keys.map((word) => ({
        path: [...path, word],
        message: `unknown key ${word}`,
        unknown: { word, known },
      }));
    }
    case "invalid_key":
      return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    case "invalid_value": {
      const known = issue.values.map(String);
      const given = valueAt(value, path);
      const message = `expected ${known.join(" | ")}, found ${shown(given)}`;
      return [{ path, message, ...(typeof given === "string" ? { unknown: { word: given, known } } : {}) }];
    }
    case "invalid_union":
      return [{ path, message: issue.errors.map((errors) => errors[0]?.message).join(", or ") || issue.message }];
    case "invalid_type": {
      // A schema with words of its own knows better than its type what is wanted.
      const wanted = issue.message.startsWith("Invalid input")
        ? `expected ${TYPE_WORDS[issue.expected] ?? issue.expected}`
        : issue.message;
      return [{ path, message: `${wanted}, found ${shown(valueAt(value, path))}` }];
    }
    default:
      return [{ path, message: issue.message }];
  }
}

/** YAML's words for what zod names after JavaScript. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  record: "a mapping",
  object: "a mapping",
  array: "a list",
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return JSON.stringify(value).slice(0, 60);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((here, key) => (here as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}

/** Keys that a mapping at this path may have. Of a union of mappings, those of the member that the value names. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  let here: z.ZodType | undefined = bare(schema, value);
  path.forEach((key, index) => {
    here = here && below(here, key, valueAt(value, path.slice(0, index + 1)));
  });
  const def = here?.def as Def | undefined;
  return Object.keys(def?.shape ?? {});
}

/** The parts of zod's definitions that hold other schemas. */
interface Def {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly out?: z.ZodType;
  readonly getter?: () => z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
}

function below(schema: z.ZodType, key: PropertyKey, value: unknown): z.ZodType | undefined {
  const { shape, valueType, element } = schema.def as Def;
  const next = shape?.[String(key)] ?? valueType ?? element;
  return next && bare(next, value);
}

/** Without what only wraps it: defaults, laziness, preparation, and the choice that the value has made. */
function bare(schema: z.ZodType, value: unknown): z.ZodType {
  const { type, innerType, out, getter, options, discriminator } = schema.def as Def;
  const inner = innerType ?? (type === "lazy" ? getter?.() : undefined) ?? (type === "pipe" ? out : undefined);
  if (inner !== undefined) return bare(inner, value);
  if (options === undefined || discriminator === undefined) return schema;
  const kind = (value as Record<string, unknown> | null | undefined)?.[discriminator];
  return options.find((option) => (option.def as Def).shape?.[discriminator]?.safeParse(kind).success) ?? schema;
}
