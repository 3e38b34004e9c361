import { z } from "zod";

/**
 * Schema of what another schema makes of its input: units are read (memory in MiB, durations in ms), defaults are in
 * place, one value has become a list. Knows the kinds of schema that the parameters of a case are made of. Pure.
 */
export function resolvedSchema(schema: z.ZodType): z.ZodType {
  const resolved = unwrapped(schema);
  return schema.description === undefined || resolved.description !== undefined
    ? resolved
    : resolved.describe(schema.description);
}

function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return inner(schema.def.innerType);
  if (schema instanceof z.ZodOptional) return inner(schema.def.innerType).exactOptional();
  if (schema instanceof z.ZodArray) return z.array(inner(schema.def.element));
  if (schema instanceof z.ZodPipe) return piped(schema);
  if (!(schema instanceof z.ZodObject)) return schema;
  return z.object(
    Object.fromEntries(
      Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, field]) => [key, resolvedSchema(field)]),
    ),
  );
}

const inner = (schema: z.core.$ZodType): z.ZodType => resolvedSchema(schema as z.ZodType);

/** A preparation step has the schema behind it, a unit becomes a number. */
const piped = ({ def, description = "" }: z.ZodPipe): z.ZodType =>
  def.in instanceof z.ZodTransform
    ? inner(def.out)
    : z
        .number()
        .describe(`${description} ${(def.in as z.ZodType).safeParse("1MiB").success ? "In MiB." : "In ms."}`.trim());
