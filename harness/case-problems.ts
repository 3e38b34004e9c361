import type { Params } from "../lib/model/params.js";
import type { Axes } from "../lib/model/scenario.js";
import { type Choice, MAX_ID_LENGTH } from "./combinations.js";
import { conflictsIn } from "./conflicts.js";
import type { Path, Problem } from "./places.js";
import { valueAt } from "./value-at.js";

/** What cannot go together in a case, told at the variant that was the last to say something about it. */
export const conflictProblems = (params: Params, choices: readonly Choice[]): Problem[] =>
  conflictsIn(params).map(({ section, at = [], reason }) => {
    const last = choices.findLast(({ variant }) => valueAt(variant[section], at) !== undefined);
    return { path: [...(last?.path ?? ["base"]), section, ...at], message: reason };
  });

/** An id that cannot be a folder's name. No two are equal: names have no dots, and say which names may follow. */
export function idProblems(id: string, choices: readonly Choice[]): Problem[] {
  if (id.length <= MAX_ID_LENGTH) return [];
  const path = choices.at(-1)?.path ?? ["name"];
  return [{ path, message: `the id of this case has ${id.length} characters, ${MAX_ID_LENGTH} are allowed` }];
}

/** Variants that no case has: the conditions rule them out, and nobody would notice. */
export function unusedProblems(axes: Axes, all: readonly (readonly Choice[])[]): Problem[] {
  if (all.length === 0) return [{ path: ["axes"], message: "the conditions leave no case" }];
  const used = new Set(all.flat().map(({ variant }) => variant));
  return unusedIn(axes, ["axes"], used);
}

const unusedIn = (axes: Axes, path: Path, used: ReadonlySet<unknown>): Problem[] =>
  Object.entries(axes).flatMap(([axis, variants]) =>
    Object.entries(variants).flatMap(([name, variant]) => {
      const here = [...path, axis, name];
      return used.has(variant)
        ? unusedIn(variant.axes ?? {}, [...here, "axes"], used)
        : [{ path: here, message: "the conditions leave no case with this variant" }];
    }),
  );

/** Problems that many cases share are told once, with the first such case and the number of all. */
export function sharedProblems(): {
  readonly add: (problems: readonly Problem[], caseId: string) => void;
  readonly told: () => Problem[];
} {
  const found = new Map<string, { readonly problem: Problem; readonly first: string; count: number }>();
  return {
    add: (problems, caseId) => {
      for (const problem of problems) {
        const key = JSON.stringify([problem.path, problem.message]);
        const known = found.get(key) ?? { problem, first: caseId, count: 0 };
        known.count += 1;
        found.set(key, known);
      }
    },
    told: () =>
      [...found.values()].map(({ problem, first, count }) => ({
        ...problem,
        message: `${problem.message} (${first.slice(0, 250)}${count === 1 ? "" : ` and ${count - 1} more cases`})`,
      })),
  };
}
