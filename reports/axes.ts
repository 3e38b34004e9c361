/** The axes of some cases of one scenario, as far as their variants tell them. */
export interface Axes {
  /** Variants of each axis, coarse to fine, in the order in which they appear. */
  readonly axes: readonly (readonly string[])[];
  /** For each case the index of its variant on each axis; undefined: it has none there. */
  readonly places: readonly (readonly (number | undefined)[])[];
}

/**
 * Finds the axes again that a list of cases was made from: a case carries its variants in the order of the axes, and where
 * axes are nested not every case has all of them. A variant stands as far behind as those before it demand; where that
 * leaves it a choice, it goes to those that are seen in the same company, and never to one that it is seen with. Pure.
 */
export function axesOf(cases: readonly (readonly string[])[]): Axes {
  const keyed = cases.map(distinct);
  const words = [...new Set(keyed.flat())];
  const levels = levelsOf(keyed, words);
  if (levels === undefined) return byPosition(cases);
  const count = Math.max(-1, ...levels.values()) + 1;
  const axes = Array.from({ length: count }, (_, level) => words.filter((word) => levels.get(word) === level));
  const places = keyed.map((variants) =>
    axes.map((axis) => {
      const index = axis.findIndex((word) => variants.includes(word));
      return index < 0 ? undefined : index;
    }),
  );
  return { axes: axes.map((axis) => axis.map((word) => word.split(SEPARATOR)[0] ?? "")), places };
}

/** Stands in no variant. */
const SEPARATOR = "\u0000";

/** One word may be a variant of two axes: its second occurrence in a case is another one. */
function distinct(variants: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return variants.map((word) => {
    const before = seen.get(word) ?? 0;
    seen.set(word, before + 1);
    return before === 0 ? word : `${word}${SEPARATOR}${before}`;
  });
}

type Levels = ReadonlyMap<string, number>;

/** @returns the axis of each word; undefined when they go round in a circle */
function levelsOf(cases: readonly (readonly string[])[], words: readonly string[]): Levels | undefined {
  const pairs = pairsOf(cases);
  const earliest = depths(words, pairs);
  const height = depths(
    words,
    pairs.map(([a, b]) => [b, a] as const),
  );
  if (earliest === undefined || height === undefined) return undefined;
  const last = Math.max(0, ...earliest.values());
  const levels = new Map<string, number>();
  const range = (word: string): [from: number, to: number] => [earliest.get(word) ?? 0, last - (height.get(word) ?? 0)];
  // What nothing ever stands before is of the first axis, which every case has.
  for (const word of words) {
    const [from, to] = range(word);
    if (from === 0 || from === to) levels.set(word, from);
  }
  const company = companyOf(cases);
  for (const word of words) if (!levels.has(word)) levels.set(word, chosen(word, range(word), levels, company));
  return levels;
}

function pairsOf(cases: readonly (readonly string[])[]): (readonly [string, string])[] {
  const seen = new Map<string, readonly [string, string]>();
  for (const variants of cases)
    for (const [index, word] of variants.entries()) {
      const next = variants[index + 1];
      if (next !== undefined) seen.set(`${word}${SEPARATOR}${SEPARATOR}${next}`, [word, next]);
    }
  return [...seen.values()];
}

/** Longest way to each word; undefined when the words go round in a circle. */
function depths(
  words: readonly string[],
  pairs: readonly (readonly [string, string])[],
): Map<string, number> | undefined {
  const found = new Map(words.map((word) => [word, 0]));
  for (let round = 0; round <= words.length; round += 1) {
    let isDone = true;
    for (const [before, after] of pairs) {
      const depth = (found.get(before) ?? 0) + 1;
      if (depth <= (found.get(after) ?? 0)) continue;
      found.set(after, depth);
      isDone = false;
    }
    if (isDone) return found;
  }
  return undefined;
}

/** Where words stand in no order, the place of a word in its case is its axis. */
function byPosition(cases: readonly (readonly string[])[]): Axes {
  const count = Math.max(0, ...cases.map(({ length }) => length));
  const axes = Array.from({ length: count }, (_, axis) => [
    ...new Set(cases.flatMap((variants) => variants[axis] ?? [])),
  ]);
  const places = cases.map((variants) =>
    axes.map((axis, index) => {
      const word = variants[index];
      return word === undefined ? undefined : axis.indexOf(word);
    }),
  );
  return { axes, places };
}

function companyOf(cases: readonly (readonly string[])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const company = new Map<string, Set<string>>();
  for (const variants of cases)
    for (const word of variants) {
      const own = company.get(word) ?? new Set();
      for (const other of variants) if (other !== word) own.add(other);
      company.set(word, own);
    }
  return company;
}

function chosen(
  word: string,
  [from, to]: readonly [number, number],
  levels: Levels,
  company: ReadonlyMap<string, ReadonlySet<string>>,
): number {
  const own = company.get(word) ?? new Set<string>();
  let best = { level: from, alike: -1 };
  for (let level = from; level <= to; level += 1) {
    const there = [...levels].filter(([, one]) => one === level).map(([other]) => other);
    if (there.some((other) => own.has(other))) continue;
    const alike = Math.max(0, ...there.map((other) => likeness(own, company.get(other) ?? new Set())));
    if (alike > best.alike) best = { level, alike };
  }
  return best.level;
}

/** Of all the company of two words, the part that both have. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const both = [...a].filter((word) => b.has(word)).length;
  const all = a.size + b.size - both;
  return all === 0 ? 0 : both / all;
}
