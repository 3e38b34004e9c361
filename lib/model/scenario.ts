import { z } from "zod";
import { oneOrMore } from "./one-or-more.js";
import { paramsSchema } from "./params.js";

/**
 * Names make up case ids, and with them names of folders. Not of digits alone: such keys lose their place in the order of
 * the file, because JavaScript puts them first.
 */
export const word = z
  .string()
  .regex(
    /^(?!\d+$)[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    "a name has letters, digits, _ and -, begins with a letter or digit, is not a bare number and has at most 64 of them",
  );
const conditions = z.record(word, oneOrMore(word));
const testId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "a test id has letters, digits, ., _ and -, at most 100");

/** The parameters with every key optional and no defaults: what one place of a scenario says about a case. */
const patchShape = Object.fromEntries(
  Object.entries(paramsSchema.shape).map(([section, schema]) => [section, withoutDefaults(schema).optional()]),
) as { [K in keyof typeof paramsSchema.shape]: z.ZodOptional<z.ZodType<Record<string, unknown> | unknown[]>> };

function withoutDefaults(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return described(withoutDefaults(schema.def.innerType as z.ZodType), schema.description);
  if (!(schema instanceof z.ZodObject)) return schema;
  const shape = Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, field]) => [
    key,
    withoutDefaults(field).optional(),
  ]);
  return described(z.strictObject(Object.fromEntries(shape) as Record<string, z.ZodType>), schema.description);
}

function described(schema: z.ZodType, description: string | undefined): z.ZodType {
  return description === undefined ? schema : schema.describe(description);
}

const labels = {
  tags: z.array(word).describe("Tags of every case below, for --tag.").optional(),
  ids: z
    .array(testId)
    .describe("Ids of the tests in the documents that the cases below come from, for --id.")
    .optional(),
};

const variantSchema = z
  .strictObject({
    ...patchShape,
    ...labels,
    only: conditions.describe("axis: [variants]. This variant combines with these alone.").optional(),
    no: conditions.describe("axis: [variants]. This variant never combines with these.").optional(),
    get axes() {
      return axesSchema.optional();
    },
  })
  .describe("A patch on the case.");

const axesSchema: z.ZodType<Record<string, Record<string, unknown>>> = z.lazy(() =>
  z
    .record(
      word,
      z
        .record(word, variantSchema)
        .refine((variants) => Object.keys(variants).length > 0, "an axis needs a variant, or no case is left"),
    )
    .describe("axis: variant: patch. A case has one variant of each axis; the last axis turns fastest."),
);

/** One scenario file. A strict object turns a misspelt key into an error, not into a silent default. */
export const scenarioSchema = z.strictObject({
  name: word.describe("First part of every case id."),
  summary: z.string().min(1).describe("The question that this scenario asks, in one sentence."),
  ...labels,
  base: z.strictObject(patchShape).describe("What all cases have in common.").optional(),
  axes: axesSchema.optional(),
});

export type Conditions = Readonly<Record<string, string | readonly string[]>>;
export type PatchSection = keyof typeof paramsSchema.shape;
export const PATCH_SECTIONS = Object.keys(paramsSchema.shape) as readonly PatchSection[];

/**
 * A variant as it was written: checked, but with durations and sizes still as text, since they are read once everything
 * is merged.
 */
export type Variant = { readonly [K in PatchSection]?: unknown } & {
  readonly tags?: readonly string[];
  readonly ids?: readonly string[];
  readonly only?: Conditions;
  readonly no?: Conditions;
  readonly axes?: Axes;
};
export type Axes = Readonly<Record<string, Readonly<Record<string, Variant>>>>;

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly base?: Variant;
  readonly tags?: readonly string[];
  readonly ids?: readonly string[];
  readonly axes?: Axes;
}
