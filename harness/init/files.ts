import { readFile } from "node:fs/promises";
import { isMapping } from "../mapping.js";

export const INVENTORY = "cfg/inventory.yaml";
export const SCENARIO = "scenarios/first.yaml";

/** Where a CI system looks for its file, and which template that is. */
export const CI_FILES = {
  github: { path: ".github/workflows/migration-stress.yml", template: "github-actions.yml" },
  gitlab: { path: ".gitlab-ci.yml", template: "gitlab-ci.yml" },
  jenkins: { path: "Jenkinsfile", template: "Jenkinsfile" },
} as const;
export type Ci = keyof typeof CI_FILES;

/** An inventory as a person would write it. */
export const inventoryText = (inventory: Readonly<Record<string, unknown>>): string =>
  `# The hosts of your jobs. Every key: cfg/inventory.example.yaml. No secret ever stands here.\n${yamlLines(inventory, "").join("\n")}\n`;

/** A first question to the hosts: small, over in minutes, in both modes. */
export const SCENARIO_TEXT = `# What is tested. Every key: \`npx migstorm schema\`; what it comes to: \`npx migstorm explain first.precopy ${SCENARIO}\`.
name: first
summary: Does one guest survive there and back, in both modes?
base:
  guests: { count: 1, image: guest, memory: 512MiB }
  movement: { rounds: 1 }
axes:
  mode:
    precopy:
      migration: { mode: precopy, timeout: 300s }
    postcopy:
      migration: { mode: postcopy, timeout: 300s }
`;

/** The template of that system, with the first scenario in place of the stress matrix. */
export async function ciText(ci: Ci): Promise<string> {
  const text = await readTemplate(CI_FILES[ci].template);
  return text
    .replace("A sample of the stress matrix", "The first scenario")
    .replaceAll("scenarios/migrate-stress.yaml", SCENARIO)
    .replaceAll("--profile cfg/lab.yaml ", "");
}

/** Source and compiled file are not equally deep. */
const readTemplate = (name: string): Promise<string> =>
  readFile(new URL(`../../docs/ci/${name}`, import.meta.url), "utf8").catch(() =>
    readFile(new URL(`../../../docs/ci/${name}`, import.meta.url), "utf8"),
  );

/** Mappings and lists of them, as far as an inventory has them; what is absent is left out. */
function yamlLines(value: Readonly<Record<string, unknown>>, indent: string): string[] {
  return Object.entries(value).flatMap(([key, one]) => {
    if (one === undefined) return [];
    if (Array.isArray(one)) return [`${indent}${key}:`, ...one.flatMap((entry) => entryLines(entry, `${indent}  `))];
    return isMapping(one)
      ? [`${indent}${key}:`, ...yamlLines(one, `${indent}  `)]
      : [`${indent}${key}: ${scalar(one)}`];
  });
}

const entryLines = (entry: unknown, indent: string): string[] =>
  isMapping(entry)
    ? yamlLines(entry, `${indent}  `).map((line, index) => (index === 0 ? `${indent}- ${line.trimStart()}` : line))
    : [`${indent}- ${scalar(entry)}`];

/** Without quotes only what nobody can read as anything but text. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z/][\w./@+-]*(?::\/\/[\w./@+-]+)?$/i;
const scalar = (value: unknown): string =>
  typeof value === "string" && PLAIN.test(value) ? value : JSON.stringify(value);
