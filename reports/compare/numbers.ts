import { median } from "../../lib/model/median.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { CaseResult } from "../../lib/model/result.js";
import { believed, canTellApart, canTellPairs, rankSumTest, signedRankTest } from "./statistics.js";

/** A number of which two jobs differ by more than its noise. */
export interface MovedNumber {
  /** Absent: over all cases that both jobs ran, each counting once. */
  readonly caseId?: string;
  /** Ends in its unit: `silenceMs`, `load.mostHeldMiB`. */
  readonly name: string;
  /** Medians. */
  readonly before: number;
  readonly after: number;
  /** How far it moved: the difference of the medians, over all cases the median of their differences. */
  readonly shift: number;
  /** Migrations of the case in each job, or cases. */
  readonly samples: readonly [before: number, after: number];
  readonly effect: number;
  readonly chance: number;
}

export interface Numbers {
  /** How many there were enough samples for. */
  readonly tested: number;
  /** Clearest first. */
  readonly moved: readonly MovedNumber[];
  /** How many cannot be told, for want of samples. */
  readonly tooFew: number;
}

/** The same case of two jobs. */
export interface Twins {
  readonly before: CaseResult;
  readonly after: CaseResult;
}

type Read = (record: MigrationRecord) => number | undefined;

const MIGRATION_FIGURES: readonly (readonly [name: string, read: Read])[] = [
  ["totalTimeMs", ({ stats }) => stats?.totalTimeMs],
  ["reportedDowntimeMs", ({ stats }) => stats?.reportedDowntimeMs],
  ["silenceMs", ({ silence }) => silence?.longestMs],
];

/** A move of less is not worth a word: part of the older value, and in its own unit by the end of the name. */
const LEAST_SHARE = 0.1;
const LEAST: readonly (readonly [RegExp, number])[] = [
  [/Ms$/, 20],
  [/Bytes$/, 2 ** 20],
];

/**
 * What moved between two jobs. A migration figure is tested in each case over its migrations, and every number over all
 * cases, pair by pair; all tests together are corrected for their number. Pure.
 * @param twins cases with equal parameters
 */
export function movedNumbers(twins: readonly Twins[]): Numbers {
  const asked = [...overCases(twins), ...twins.flatMap(inCase)];
  const tests = asked.filter((one) => one !== "too-few");
  const isBelieved = believed(tests.map(({ chance }) => chance));
  const moved = tests.filter((test, index) => isBelieved[index] && matters(test));
  return {
    tested: tests.length,
    moved: moved.sort((a, b) => a.chance - b.chance),
    tooFew: asked.length - tests.length,
  };
}

type Asked = MovedNumber | "too-few";

function matters({ name, before, shift }: MovedNumber): boolean {
  const least = LEAST.find(([pattern]) => pattern.test(name))?.[1] ?? 1;
  return Math.abs(shift) >= Math.max(least, Math.abs(before) * LEAST_SHARE);
}

const figuresOf = ({ migrations }: CaseResult, read: Read): number[] =>
  migrations.filter(({ outcome }) => outcome === "completed").flatMap((record) => read(record) ?? []);

function inCase({ before, after }: Twins): Asked[] {
  return MIGRATION_FIGURES.flatMap(([name, read]): Asked[] => {
    const [old, now] = [figuresOf(before, read), figuresOf(after, read)];
    if (old.length === 0 || now.length === 0) return [];
    if (!canTellApart(old.length, now.length)) return ["too-few"];
    const middles = { before: median(old) ?? 0, after: median(now) ?? 0 };
    return [
      {
        caseId: before.case.id,
        name,
        ...middles,
        shift: middles.after - middles.before,
        samples: [old.length, now.length],
        ...rankSumTest(old, now),
      },
    ];
  });
}

function overCases(twins: readonly Twins[]): Asked[] {
  return [...pairsOf(twins)].map(([name, pairs]): Asked => {
    if (!canTellPairs(pairs.length)) return "too-few";
    return {
      name,
      before: median(pairs.map(([old]) => old)) ?? 0,
      after: median(pairs.map(([, now]) => now)) ?? 0,
      shift: median(pairs.map(([old, now]) => now - old)) ?? 0,
      samples: [pairs.length, pairs.length],
      ...signedRankTest(pairs.map(([old, now]) => relative(old, now))),
    };
  });
}

/** Of every number that both jobs have of some case: its values, a pair a case. */
function pairsOf(twins: readonly Twins[]): Map<string, [before: number, after: number][]> {
  const pairs = new Map<string, [number, number][]>();
  for (const { before, after } of twins) {
    const now = valuesOf(after);
    for (const [name, old] of valuesOf(before)) {
      const value = now.get(name);
      if (value === undefined) continue;
      const known = pairs.get(name) ?? [];
      known.push([old, value]);
      pairs.set(name, known);
    }
  }
  return pairs;
}

/** Cases are of very different sizes: in each of them the change counts against its own size. */
const relative = (before: number, after: number): number =>
  before === after ? 0 : (after - before) / (Math.abs(before) + Math.abs(after));

/** One value a case and number: of a migration figure the median. */
function valuesOf(result: CaseResult): Map<string, number> {
  const values = new Map<string, number>([["durationMs", result.durationMs]]);
  for (const [name, read] of MIGRATION_FIGURES) {
    const middle = median(figuresOf(result, read));
    if (middle !== undefined) values.set(name, middle);
  }
  // What was read from a file may be null where there was no number.
  for (const { check, measured = {} } of result.checks)
    for (const [name, value] of Object.entries(measured))
      if (Number.isFinite(value)) values.set(`${check}.${name}`, value);
  return values;
}
