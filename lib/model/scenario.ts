import { z } from "zod";
import { paramsSchema } from "./params.js";

/** A variant's name is the user's word, makes up case ids, and with them names of folders. */
const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "use letters, digits, _ and -, at most 64");
const words = z.array(word).min(1);
const conditions = z.record(word, z.preprocess((given) => (typeof given === "string" ? [given] : given), words));

/** The parameters with every key optional and no defaults: what one place of a scenario says about a case. */
const patchShape = Object.fromEntries(
  Object.entries(paramsSchema.shape).map(([section, schema]) => [section, withoutDefaults(schema).optional()]),
) as { [K in keyof typeof paramsSchema.shape]: z.ZodOptional<z.ZodType<Record<string, unknown> | unknown[]>> };

function withoutDefaults(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return withoutDefaults(schema.def.innerType as z.ZodType);
  if (!(schema instanceof z.ZodObject)) return schema;
  const shape = Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, field]) => [
    key,
    withoutDefaults(field).optional(),
  ]);
  return z.strictObject(Object.fromEntries(shape) as Record<string, z.ZodType>);
}

const labels = {
  /** For `--tag`. */
  tags: z.array(word).optional().meta({ description: "Tags of every case below, for --tag." }),
  /** Ids of the tests in the documents the scenario comes from, for `--id`. */
  ids: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/))
    .optional()
    .meta({ description: "Ids of the tests in the documents this comes from, for --id." }),
};

const variantSchema = z.strictObject({
  ...patchShape,
  ...labels,
  /** This variant combines only with these of other axes. */
  only: conditions.optional().meta({ description: "axis: [variants] that this variant combines with, and no others." }),
  /** This variant never combines with these of other axes. */
  no: conditions.optional().meta({ description: "axis: [variants] that this variant never combines with." }),
  get axes() {
    return axesSchema.optional();
  },
});

const axesSchema: z.ZodType<Record<string, Record<string, unknown>>> = z.lazy(() =>
  z.record(word, z.record(word, variantSchema)),
);

/** One scenario file. A strict object turns a misspelt key into an error, not into a silent default. */
export const scenarioSchema = z.strictObject({
  name: word.meta({ description: "First part of every case id." }),
  summary: z.string().min(1).meta({ description: "The question this scenario asks, in one sentence." }),
  base: z.strictObject(patchShape).optional().meta({ description: "What all cases have in common." }),
  ...labels,
  axes: axesSchema.optional().meta({ description: "axis: variant: patch. The last axis turns fastest." }),
});

export type Conditions = Readonly<Record<string, readonly string[]>>;
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
