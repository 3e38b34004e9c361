import { z } from "zod";

/** JSON Schema (2020-12) of what a person may write where a zod schema reads it, for editors. Pure. */
export const jsonSchema = (schema: z.ZodType, title: string): Readonly<Record<string, unknown>> => ({
  title,
  ...z.toJSONSchema(schema, { io: "input", unrepresentable: "any", override: allowOneForMany }),
});

/** "One value or a list of them" is a preparation step for zod, of which only the list would be shown. */
function allowOneForMany({ zodSchema, jsonSchema: json }: Parameters<NonNullable<Override>>[0]): void {
  const { def } = zodSchema._zod;
  const prepared = def.type === "pipe" && def.in._zod.def.type === "transform";
  if (!prepared || json.type !== "array" || typeof json.items !== "object") return;
  const { type, items, minItems, ...rest } = json;
  for (const key of Object.keys(json)) delete json[key];
  Object.assign(json, rest, { anyOf: [items, { type, items, minItems }] });
}

type Override = NonNullable<Parameters<typeof z.toJSONSchema>[1]>["override"];
