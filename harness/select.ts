import { createHash } from "node:crypto";
import { HarnessError } from "../lib/errors.js";
import type { Case } from "../lib/model/case.js";
import { plainText } from "../lib/model/plain-text.js";
import { pairwise } from "./pairwise.js";
import { shuffled } from "./random.js";
import { didYouMean } from "./suggest.js";

export interface Selection {
  /** Each text: words that all have to be among a case's variants; a comma inside a word means or. */
  readonly only?: readonly string[];
  /** Each text: a case that has all its words is dropped. */
  readonly no?: readonly string[];
  readonly tag?: readonly string[];
  /** Case ids or test ids; `*` stands for anything. */
  readonly id?: readonly string[];
  /** So many cases, or enough to cover every pair of variants. */
  readonly sample?: number | "pairwise";
  readonly seed: number;
  /** The i-th of n parts, from 1. */
  readonly shard?: { readonly index: number; readonly count: number };
}

/**
 * Chooses among cases; the order stays. Pure: the same seed gives the same choice.
 * @throws HarnessError `bad-input` for a word that no case has: a misspelt filter must not pass for an empty result
 */
export function select(cases: readonly Case[], selection: Selection): Case[] {
  const { only = [], no = [], tag = [], id = [] } = selection;
  const vocabulary = new Set(cases.flatMap(({ scenario, variants }) => [scenario, ...variants]));
  const wanted = only.map((text) => filterOf(text, vocabulary));
  const dropped = no.map((text) => filterOf(text, vocabulary));
  const tags = checked(tag, new Set(cases.flatMap((testCase) => testCase.tags)), "tag");
  const ids = id.map((text) => idFilter(text, cases));
  const chosen = cases.filter(
    (testCase) =>
      wanted.every((filter) => filter(testCase)) &&
      !dropped.some((filter) => filter(testCase)) &&
      (tags.length === 0 || tags.some((wish) => testCase.tags.includes(wish))) &&
      (ids.length === 0 || ids.some((filter) => filter(testCase))),
  );
  return shardOf(sampleOf(chosen, selection), selection);
}

type Filter = (testCase: Case) => boolean;

function filterOf(text: string, vocabulary: ReadonlySet<string>): Filter {
  const groups = wordsOf(text, /\s+/).map((group) => checked(wordsOf(group, ","), vocabulary, "variant"));
  if (groups.flat().length === 0) throw new HarnessError("bad-input", "an empty filter says nothing");
  return ({ scenario, variants }) =>
    groups.every((group) => group.length === 0 || group.some((word) => word === scenario || variants.includes(word)));
}

const wordsOf = (text: string, between: string | RegExp): string[] => text.split(between).filter((word) => word !== "");

function checked(words: readonly string[], known: ReadonlySet<string>, what: string): readonly string[] {
  const unknown = words.filter((word) => !known.has(word));
  if (unknown.length === 0) return words;
  const told = unknown.map((word) => `no case has the ${what} ${plainText(word)}${hintFor(word, known, what)}`);
  throw new HarnessError("bad-input", told.join("\n"));
}

/** Words that could be named in a line. */
const MOST_NAMED = 12;

function hintFor(word: string, known: ReadonlySet<string>, what: string): string {
  const hint = didYouMean(word, known);
  if (hint !== "") return hint;
  if (known.size === 0) return `: none has any ${what}`;
  const named = [...known].slice(0, MOST_NAMED).map(plainText);
  return `; there are ${named.join(", ")}${known.size > MOST_NAMED ? ", …" : ""}`;
}

function idFilter(glob: string, cases: readonly Case[]): Filter {
  const filter: Filter = ({ id, testIds }) => matches(id, glob) || testIds.some((testId) => matches(testId, glob));
  if (cases.some(filter)) return filter;
  const known = cases.flatMap(({ id, testIds }) => [id, ...testIds]);
  throw new HarnessError("bad-input", `no case has the id ${plainText(glob)}${didYouMean(glob, known)}`);
}

/** `*` stands for any text. Not by regular expression: many stars would make one take for ever. */
export function matches(text: string, glob: string): boolean {
  const [first = "", ...rest] = glob.split("*");
  const last = rest.pop();
  if (last === undefined) return text === glob;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let position = first.length;
  const end = text.length - last.length;
  for (const part of rest) {
    const found = text.indexOf(part, position);
    if (found === -1 || found + part.length > end) return false;
    position = found + part.length;
  }
  return true;
}

function sampleOf(cases: readonly Case[], { sample, seed }: Selection): readonly Case[] {
  if (sample === undefined) return cases;
  const chosen = new Set(sample === "pairwise" ? pairwise(cases, seed) : shuffled(cases, seed).slice(0, sample));
  return cases.filter((testCase) => chosen.has(testCase));
}

/** By the id alone, so that a case stays in its part whatever else is selected. */
function shardOf(cases: readonly Case[], { shard }: Selection): Case[] {
  if (shard === undefined) return [...cases];
  return cases.filter(({ id }) => {
    const hash = createHash("sha256").update(id).digest().readUInt32BE(0);
    return hash % shard.count === shard.index - 1;
  });
}
