import { existsSync } from "node:fs";
import { type Inventory, inventorySchema } from "../lib/model/inventory.js";
import { plainText } from "../lib/model/plain-text.js";
import { type Profile, profileSchema } from "../lib/model/profile.js";
import { type Scenario, scenarioSchema } from "../lib/model/scenario.js";
import { schemaProblems } from "../lib/model/schema-problems.js";
import { conditionProblems } from "./condition-problems.js";
import { inventoryProblems } from "./inventory-problems.js";
import { badInput, describe, type Source } from "./places.js";
import { readYaml } from "./yaml.js";

/** A scenario with its file, so that what is found out later can still be told with its place. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly source: Source;
}

/**
 * Reads one scenario file.
 * @throws HarnessError `bad-input` naming every mistake in the file at once, each with file, line and column
 */
export async function loadScenario(path: string): Promise<LoadedScenario> {
  const { value, source } = await readYaml(path);
  const problems = [...schemaProblems(scenarioSchema, value), ...conditionProblems(value)];
  if (problems.length > 0) throw badInput(describe(source, problems));
  return { scenario: value as Scenario, source };
}

export interface LoadedProfile {
  readonly profile: Profile;
  readonly source: Source;
}

/** Reads a profile. @throws HarnessError `bad-input` like `loadScenario` */
export async function loadProfile(path: string): Promise<LoadedProfile> {
  const { value, source } = await readYaml(path);
  const problems = schemaProblems(profileSchema, value);
  if (problems.length > 0) throw badInput(describe(source, problems));
  return { profile: value as Profile, source };
}

/** Reads an inventory. @throws HarnessError `bad-input` like `loadScenario` */
export async function loadInventory(path: string): Promise<Inventory> {
  if (!existsSync(path))
    throw badInput([
      `${plainText(path)}: there is no such inventory: \`npx migstorm init\` writes cfg/inventory.yaml, --inventory names another; \`run --lab\` needs none`,
    ]);
  const { value, source } = await readYaml(path);
  const problems = [...schemaProblems(inventorySchema, value), ...inventoryProblems(value)];
  if (problems.length > 0) throw badInput(describe(source, problems));
  return inventorySchema.parse(value);
}
