import { type Params, paramsSchema } from "../lib/model/params.js";
import { PATCH_SECTIONS, type PatchSection, type Scenario } from "../lib/model/scenario.js";
import type { Choice } from "./combinations.js";
import { isMapping } from "./mapping.js";
import type { Path, Problem } from "./places.js";
import { valueAt } from "./value-at.js";

/** Params of a case, and a key that is the same for cases with the same params; or what is wrong with them. */
export type Merged = { readonly params: Params; readonly key: string } | { readonly problems: readonly Problem[] };

/**
 * Puts the base and the chosen variants together and reads the result. The variants that touch a section decide it
 * alone, so each section is read once for each such choice and shared by all cases that have it: reading every case
 * anew would take ten times as long.
 */
export function merger({ base }: Scenario): (choices: readonly Choice[]) => Merged {
  const numbers = new Map<Choice, number>();
  const sections = new Map<string, Section>();
  return (choices) => {
    const found = PATCH_SECTIONS.map((section): Section => {
      const touching = choices.filter(({ variant }) => variant[section] !== undefined);
      const key = `${section}:${touching.map((choice) => numberOf(choice, numbers)).join(",")}`;
      const known = sections.get(key) ?? readSection(section, key, base?.[section], touching);
      sections.set(key, known);
      return known;
    });
    const problems = found.flatMap((section) => section.problems);
    if (problems.length > 0) return { problems };
    const params = Object.fromEntries(found.map(({ section, value }) => [section, value])) as unknown as Params;
    return { params, key: found.map(({ key }) => key).join(";") };
  };
}

interface Section {
  readonly section: PatchSection;
  readonly key: string;
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

function numberOf(choice: Choice, numbers: Map<Choice, number>): number {
  const number = numbers.get(choice) ?? numbers.size;
  numbers.set(choice, number);
  return number;
}

function readSection(section: PatchSection, key: string, base: unknown, touching: readonly Choice[]): Section {
  const merged = mergeAll(patchesOn(section, base, touching));
  const parsed = paramsSchema.shape[section].safeParse(merged);
  if (parsed.success) return { section, key, value: parsed.data, problems: [] };
  const place = touching.at(-1)?.path ?? ["base"];
  const problems = parsed.error.issues.map(({ path, message }) => ({ path: [...place, section, ...path], message }));
  return { section, key, value: undefined, problems };
}

/** What one place of a scenario says about a section. */
interface Patch {
  readonly place: Path;
  readonly value: unknown;
}

const patchesOn = (section: PatchSection, base: unknown, touching: readonly Choice[]): Patch[] => [
  { place: ["base", section], value: base },
  ...touching.map(({ path, variant }) => ({ place: [...path, section], value: variant[section] })),
];

const mergeAll = (patches: readonly Patch[], taken?: (merged: Path, given: Path, patch: Patch) => void): unknown =>
  patches.reduce<unknown>(
    (sum, patch) => mergePatch(sum, patch.value, (merged, given) => taken?.(merged, given, patch)),
    undefined,
  );

/** Where in the scenario a part of a section was written. */
export interface Origin {
  /** In the merged section. */
  readonly at: Path;
  /** In the file. */
  readonly place: Path;
  readonly value: unknown;
}

/** Which place brought what of a section, by the merging itself; of two about the same the later one holds. */
export function originsOf({ base }: Scenario, choices: readonly Choice[], section: PatchSection): Origin[] {
  const origins: Origin[] = [];
  mergeAll(patchesOn(section, base?.[section], choices), (at, given, { place, value }) => {
    origins.push({ at, place: [...place, ...given], value: valueAt(value, given) });
  });
  return origins;
}

/** Told of each value that a patch brings: where it stands in what is merged, and in the patch. */
type Taken = (merged: Path, given: Path) => void;

/**
 * One section of a case with a patch on it: later words win, mappings are merged key by key, and lists replace each
 * other. Except where the section itself is a list, which is `load`: there entries add up, since each axis may bring
 * stress of its own. Pure; neither side is changed.
 */
export function mergePatch(before: unknown, after: unknown, taken: Taken = () => undefined): unknown {
  if (after === undefined) return before;
  if (Array.isArray(before) && Array.isArray(after)) {
    for (const index of after.keys()) taken([before.length + index], [index]);
    return [...before, ...after];
  }
  if (isMapping(before) && isMapping(after)) return mergeMappings(before, after, [], taken);
  taken([], []);
  return after;
}

function mergeMappings(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  path: Path,
  taken: Taken,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(after)) {
    const [old, here] = [merged[key], [...path, key]];
    if (value === undefined) continue;
    if (isMapping(old) && isMapping(value)) merged[key] = mergeMappings(old, value, here, taken);
    else {
      taken(here, here);
      merged[key] = value;
    }
  }
  return merged;
}
