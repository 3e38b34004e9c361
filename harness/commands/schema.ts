import { join } from "node:path";
import { z } from "zod";
import { inventorySchema } from "../../lib/model/inventory.js";
import { scenarioSchema } from "../../lib/model/scenario.js";
import { writeText } from "../../lib/store/artifacts.js";

/** Name of the file in `cfg/schema/` → JSON Schema (2020-12) of what a person may write. */
export const jsonSchemas = (): Readonly<Record<string, string>> => ({
  "scenario.json": render(scenarioSchema, "A scenario of migstorm"),
  "inventory.json": render(inventorySchema, "An inventory of migstorm"),
});

const render = (schema: z.ZodType, title: string): string =>
  `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) }, null, 2)}\n`;

/** Prints the schemas, or writes them into a folder for editors. @returns the exit code */
export async function schema(
  { write: folder }: { readonly write?: string },
  write: (text: string) => void,
): Promise<number> {
  for (const [name, text] of Object.entries(jsonSchemas())) {
    if (folder === undefined) write(text);
    else await writeText(join(folder, name), text);
  }
  return 0;
}
