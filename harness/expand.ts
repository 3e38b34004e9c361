import type { Case } from "../lib/model/case.js";
import { type Params, paramsSchema } from "../lib/model/params.js";
import { type Axes, PATCH_SECTIONS, type PatchSection, type Scenario, type Variant } from "../lib/model/scenario.js";
import { conflictsIn } from "./conflicts.js";
import type { LoadedScenario } from "./load.js";
import { badInput, type Path, type Problem } from "./yaml.js";

/** More than anybody runs; a slip of the pen makes a thousand times as many. */
export const MAX_CASES = 200_000n;

/** A chosen variant of an axis, and where it stands. */
interface Choice {
  readonly axis: string;
  readonly name: string;
  readonly variant: Variant;
  readonly path: Path;
}

/**
 * Turns one scenario into its cases: every combination of its axes that its conditions allow, in the order of the file.
 * @throws HarnessError `bad-input` when there are too many, or for combinations that cannot work, each named with its place
 */
export function expand({ scenario, describe, file }: LoadedScenario): Case[] {
  const upper = countUpTo(scenario.axes ?? {});
  if (upper > MAX_CASES)
    throw badInput([
      describe([{ path: ["axes"], message: `these axes make up to ${upper} cases, ${MAX_CASES} are allowed` }]),
    ]);

  const problems = new Map<string, Problem>();
  const merge = merger(scenario, (problem) =>
    problems.set(`${JSON.stringify(problem.path)}${problem.message}`, problem),
  );
  const cases: Case[] = [];
  for (const choices of combinations(scenario.axes ?? {}, ["axes"])) {
    if (!allowed(choices)) continue;
    const params = merge(choices);
    if (params !== undefined) cases.push(makeCase(scenario, choices, params));
  }
  if (problems.size > 0) throw badInput([describe([...problems.values()])]);
  if (cases.length === 0) throw badInput([`${file}: its conditions leave no case`]);
  return cases;
}

/** How many cases the axes make, conditions aside. */
export function countUpTo(axes: Axes): bigint {
  return Object.values(axes).reduce(
    (product, variants) =>
      product * Object.values(variants).reduce((sum, variant) => sum + countUpTo(variant.axes ?? {}), 0n),
    1n,
  );
}

/** Every way to choose a variant of each axis, nested ones included; the last axis turns fastest. */
function combinations(axes: Axes, path: Path): Choice[][] {
  let lists: Choice[][] = [[]];
  for (const [axis, variants] of Object.entries(axes)) {
    const ways = Object.entries(variants).flatMap(([name, variant]) => {
      const choice: Choice = { axis, name, variant, path: [...path, axis, name] };
      const nested = variant.axes === undefined ? [[]] : combinations(variant.axes, [...choice.path, "axes"]);
      return nested.map((more) => [choice, ...more]);
    });
    lists = lists.flatMap((list) => ways.map((way) => (list.length === 0 ? way : [...list, ...way])));
  }
  return lists;
}

/** `only` wants its axis to be there with one of the named variants; `no` is content when the axis is not there. */
function allowed(choices: readonly Choice[]): boolean {
  return choices.every(({ variant: { only, no } }) => {
    if (only === undefined && no === undefined) return true;
    const chosen = (axis: string): string | undefined => choices.find((choice) => choice.axis === axis)?.name;
    return (
      Object.entries(only ?? {}).every(([axis, names]) => [names].flat().includes(chosen(axis) ?? "")) &&
      !Object.entries(no ?? {}).some(([axis, names]) => [names].flat().includes(chosen(axis) ?? ""))
    );
  });
}

function makeCase({ name, tags = [], ids = [] }: Scenario, choices: readonly Choice[], params: Params): Case {
  const variants = choices.map((choice) => choice.name);
  return {
    id: [name, ...variants].join("."),
    scenario: name,
    variants,
    tags: [...new Set([...tags, ...choices.flatMap(({ variant }) => variant.tags ?? [])])],
    testIds: [...new Set([...ids, ...choices.flatMap(({ variant }) => variant.ids ?? [])])],
    params,
  };
}

/**
 * Puts the base and the chosen variants together and reads the result. The variants that touch a section decide it
 * alone, so each section is read once for each such choice and shared by all cases that have it.
 */
function merger(scenario: Scenario, onProblem: (problem: Problem) => void) {
  const sections = new Map<string, unknown>();
  const judged = new Map<string, boolean>();
  return (choices: readonly Choice[]): Params | undefined => {
    const keys: string[] = [];
    const parts = PATCH_SECTIONS.map((section) => {
      const touching = choices.filter(({ variant }) => variant[section] !== undefined);
      const key = `${section}\0${touching.map(({ path }) => path.join("\0")).join("\0\0")}`;
      keys.push(key);
      if (!sections.has(key)) sections.set(key, readSection(section, scenario, touching, onProblem));
      return [section, sections.get(key)] as const;
    });
    if (parts.some(([, part]) => part === undefined)) return undefined;
    const params = Object.fromEntries(parts) as Params;
    const whole = keys.join("\u0001");
    if (!judged.has(whole)) judged.set(whole, judge(params, choices, onProblem));
    return judged.get(whole) ? params : undefined;
  };
}

function readSection(
  section: PatchSection,
  { base }: Scenario,
  touching: readonly Choice[],
  onProblem: (problem: Problem) => void,
): unknown {
  const merged = touching.reduce((sum, { variant }) => mergeValue(sum, variant[section]), base?.[section]);
  const parsed = paramsSchema.shape[section].safeParse(merged);
  if (parsed.success) return parsed.data;
  const last = touching.at(-1)?.path ?? ["base"];
  for (const { path, message } of parsed.error.issues) onProblem({ path: [...last, section, ...path], message });
  return undefined;
}

/** Later words win; mappings are merged key by key, and loads are added up: each axis may bring one of its own. */
function mergeValue(before: unknown, after: unknown): unknown {
  if (after === undefined) return before;
  if (Array.isArray(before) && Array.isArray(after)) return [...before, ...after];
  if (!isMapping(before) || !isMapping(after)) return after;
  const merged: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(after))
    merged[key] = isMapping(value) && isMapping(merged[key]) ? mergeValue(merged[key], value) : value;
  return merged;
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A conflict is told at the variant that was the last to say something about it. */
function judge(params: Params, choices: readonly Choice[], onProblem: (problem: Problem) => void): boolean {
  const conflicts = conflictsIn(params);
  for (const { section, reason } of conflicts) {
    const last = choices.findLast(({ variant }) => variant[section] !== undefined);
    onProblem({
      path: last === undefined ? ["base", section] : [...last.path, section],
      message: `${reason} (${choices.map(({ name }) => name).join(", ") || "in every case"})`,
    });
  }
  return conflicts.length === 0;
}
