import { z } from "zod";
import { type Inventory, inventorySchema } from "../lib/model/inventory.js";
import { paramsSchema } from "../lib/model/params.js";
import { type Scenario, scenarioSchema } from "../lib/model/scenario.js";
import { conditionProblems } from "./condition-problems.js";
import { didYouMean } from "./suggest.js";
import { badInput, type Path, type Problem, readYaml, type YamlFile } from "./yaml.js";

/** A scenario with its file, so that what is found out later can still be told with its place. */
export interface LoadedScenario extends Pick<YamlFile, "file" | "describe"> {
  readonly scenario: Scenario;
}

/**
 * Reads one scenario file.
 * @throws HarnessError `bad-input` naming every mistake in the file at once, each with file, line and column
 */
export async function loadScenario(path: string): Promise<LoadedScenario> {
  const { file, value, describe } = await readYaml(path);
  const problems = check(scenarioSchema, value);
  if (problems.length > 0) throw badInput([describe(problems)]);
  const scenario = value as Scenario;
  const odd = conditionProblems(scenario);
  if (odd.length > 0) throw badInput([describe(odd)]);
  return { file, describe, scenario };
}

/** Reads an inventory. @throws HarnessError `bad-input` like `loadScenario` */
export async function loadInventory(path: string): Promise<Inventory> {
  const { value, describe } = await readYaml(path);
  const parsed = inventorySchema.safeParse(value);
  if (!parsed.success) throw badInput([describe(problemsOf(parsed.error, value))]);
  const odd = inventoryProblems(parsed.data);
  if (odd.length > 0) throw badInput([describe(odd)]);
  return parsed.data;
}

function check(schema: z.ZodType, value: unknown): Problem[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : problemsOf(parsed.error, value);
}

function problemsOf(error: z.ZodError, value: unknown): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: unknownKey(key) }));
    if (issue.code === "invalid_key") return [{ path: issue.path, message: issue.issues[0]?.message ?? issue.message }];
    if (issue.code === "invalid_value")
      return [{ path: issue.path, message: wrongWord(issue, valueAt(value, issue.path)) }];
    return [{ path: issue.path, message: issue.message }];
  });
}

const unknownKey = (key: string): string => `unknown key ${key}${didYouMean(key, KNOWN_KEYS)}`;

function wrongWord({ values }: { readonly values: readonly unknown[] }, given: unknown): string {
  const words = values.map(String);
  return `expected ${words.join(" | ")}, found ${JSON.stringify(given) ?? "nothing"}${didYouMean(String(given), words)}`;
}

function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const key of path) here = (here as Record<PropertyKey, unknown> | undefined)?.[key];
  return here;
}

/** Every key that our files may have anywhere, for suggestions. */
const KNOWN_KEYS = keysIn(
  z.toJSONSchema(z.object({ scenario: scenarioSchema, params: paramsSchema, inventory: inventorySchema }), {
    io: "input",
    unrepresentable: "any",
  }),
);

function keysIn(schema: unknown, found = new Set<string>()): Set<string> {
  if (typeof schema !== "object" || schema === null) return found;
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties") for (const name of Object.keys(value as object)) found.add(name);
    keysIn(value, found);
  }
  return found;
}

function inventoryProblems({ hosts, network }: Inventory): Problem[] {
  const problems: Problem[] = [];
  const names = new Set<string>();
  const places = new Set<string>();
  for (const [index, { name, address, port, local }] of hosts.entries()) {
    if (names.has(name)) problems.push({ path: ["hosts", index, "name"], message: `two hosts are called ${name}` });
    const place = local ? "local" : `${address ?? name}:${port}`;
    if (places.has(place))
      problems.push({
        path: ["hosts", index],
        message: `two hosts are reached as ${place}: they would be the same machine`,
      });
    names.add(name);
    places.add(place);
  }
  if (network.addressing === "static" && network.pool === undefined)
    problems.push({ path: ["network"], message: "static addressing needs a pool, e.g. pool: 198.18.1.1/24" });
  return problems;
}
