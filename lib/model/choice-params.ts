import { z } from "zod";
import { paramsSchema } from "./params.js";

/** Parameters that are one of a few words, dotted, with the schema of the word: `migration.timeoutAction`. */
export const CHOICE_PARAMS: readonly (readonly [path: string, schema: z.ZodEnum])[] = Object.entries(
  paramsSchema.shape,
).flatMap(([section, schema]) => {
  const inside = bare(schema);
  if (!(inside instanceof z.ZodObject)) return [];
  return Object.entries(inside.shape as Record<string, z.ZodType>).flatMap(([key, field]) => {
    const word = bare(field);
    return word instanceof z.ZodEnum ? [[`${section}.${key}`, word] as const] : [];
  });
});

/** Without what only wraps it: defaults, and leave to be absent. */
function bare(schema: z.ZodType): z.ZodType {
  const { innerType } = schema.def as { readonly innerType?: z.ZodType };
  return innerType === undefined ? schema : bare(innerType);
}
