import { join } from "node:path";
import { inventorySchema } from "../../lib/model/inventory.js";
import { jsonSchema } from "../../lib/model/json-schema.js";
import { notificationSchema } from "../../lib/model/notification.js";
import { profileSchema } from "../../lib/model/profile.js";
import { resultsFileSchema } from "../../lib/model/result-schema.js";
import { scenarioSchema } from "../../lib/model/scenario.js";
import { writeText } from "../../lib/store/artifacts.js";

/** Name of the file in `cfg/schema/` → JSON Schema (2020-12) of what a person may write, and of what a program may read. */
export const jsonSchemas = (): Readonly<Record<string, string>> => ({
  "scenario.json": render(jsonSchema(scenarioSchema, "A scenario of migstorm")),
  "profile.json": render(jsonSchema(profileSchema, "A profile of migstorm")),
  "inventory.json": render(jsonSchema(inventorySchema, "An inventory of migstorm")),
  "results.json": render(jsonSchema(resultsFileSchema, "The results of a job of migstorm")),
  "notification.json": render(jsonSchema(notificationSchema, "What migstorm posts to a webhook")),
});

const render = (schema: object): string => `${JSON.stringify(schema, null, 2)}\n`;

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
