import type { Case } from "../lib/model/case.js";
import type { Params } from "../lib/model/params.js";
import type { Scenario } from "../lib/model/scenario.js";
import { conflictProblems, idProblems, sharedProblems, unusedProblems } from "./case-problems.js";
import { type Choice, combinations, countUpTo, depthOf, MAX_ID_LENGTH } from "./combinations.js";
import type { LoadedScenario } from "./load.js";
import { merger } from "./merge.js";
import { badInput, describe, type Problem } from "./places.js";

/** More than anybody runs; a slip of the pen makes a thousand times as many. */
export const MAX_CASES = 200_000n;

/**
 * Turns one scenario into its cases: every combination of its axes that its conditions allow, in the order of the file.
 * Pure.
 * @throws HarnessError `bad-input` when there are too many, for combinations that cannot work and for variants that no
 *   case has, each with its place
 */
export function expand({ scenario, source }: LoadedScenario): Case[] {
  const { cases, problems } = expandScenario(scenario);
  if (problems.length > 0) throw badInput(describe(source, problems));
  return cases;
}

interface Expanded {
  readonly cases: Case[];
  readonly problems: readonly Problem[];
}

/** The same without a file: what is wrong comes back beside the cases that are well. Pure. */
export function expandScenario(scenario: Scenario): Expanded {
  const axes = scenario.axes ?? {};
  const size = sizeProblem(countUpTo(axes), depthOf(axes));
  if (size !== undefined) return { cases: [], problems: [{ path: ["axes"], message: size }] };

  const shared = sharedProblems();
  const merge = merger(scenario);
  const conflicts = new Map<string, readonly Problem[]>();
  const cases: Case[] = [];
  const all = combinations(axes);
  for (const choices of all) {
    const id = [scenario.name, ...choices.map(({ name }) => name)].join(".");
    shared.add(idProblems(id, choices), id);
    const merged = merge(choices);
    if ("problems" in merged) {
      shared.add(merged.problems, id);
      continue;
    }
    const refused = conflicts.get(merged.key) ?? conflictProblems(merged.params, choices);
    conflicts.set(merged.key, refused);
    shared.add(refused, id);
    cases.push(makeCase(id, scenario, choices, merged.params));
  }
  return { cases, problems: [...shared.told(), ...unusedProblems(axes, all)] };
}

function sizeProblem(count: bigint, depth: number): string | undefined {
  const digits = String(count).length;
  if (count > MAX_CASES)
    return `these axes make up to ${digits > 20 ? `10^${digits - 1}` : count} cases, ${MAX_CASES} are allowed`;
  // Each variant brings two characters at least into the id.
  return depth > MAX_ID_LENGTH / 2 ? `a case of these axes has ${depth} variants, too many for its id` : undefined;
}

const makeCase = (
  id: string,
  { name, tags = [], ids = [] }: Scenario,
  choices: readonly Choice[],
  params: Params,
): Case => ({
  id,
  scenario: name,
  variants: choices.map((choice) => choice.name),
  tags: [...new Set([...tags, ...choices.flatMap(({ variant }) => variant.tags ?? [])])],
  testIds: [...new Set([...ids, ...choices.flatMap(({ variant }) => variant.ids ?? [])])],
  params,
});
