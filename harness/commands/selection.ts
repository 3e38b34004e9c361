import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { HarnessError, messageOf } from "../../lib/errors.js";
import type { Case } from "../../lib/model/case.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { Profile } from "../../lib/model/profile.js";
import { expand } from "../expand.js";
import { loadProfile, loadScenario } from "../load.js";
import { ORDERS, type Order, ordered } from "../order.js";
import { badInput } from "../places.js";
import { profiled } from "../profile.js";
import { type Selection, select } from "../select.js";
import { byEarlier, type EarlierOptions } from "./earlier.js";

/** Options of every verb that works on chosen cases, as commander gives them. */
export type SelectionOptions = Omit<Selection, "seed"> &
  EarlierOptions & {
    readonly seed?: number;
    readonly order?: Order;
    /** Path of a profile. */
    readonly profile?: string;
  };

/** Of an option that may be repeated. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** Adds the options that choose cases; the same ones for `list`, `plan`, `run` and `soak`. */
export const withSelection = (command: Command): Command =>
  command
    .argument("[scenario...]", "scenario files; default: all of scenarios/")
    .option("--only <words>", "keep cases that have every word among their variants; a comma means or", collect)
    .option("--no <words>", "drop cases that have every word", collect)
    .option("--tag <tag>", "keep cases with this tag; repeated: with any of them", collect)
    .option("--id <id>", "keep the case, or the cases of the source test, with this id; * stands for anything", collect)
    .option("--sample <n>", "take n cases at random, or `pairwise`: few that cover every pair of variants", parseSample)
    .option("--seed <n>", "of every random choice; default: a new one, which is printed", parseSeed)
    .option("--shard <i/n>", "take the i-th of n parts", parseShard)
    .option("--profile <file>", "scale sizes, rounds and durations of every case, e.g. cfg/lab.yaml")
    .addOption(
      new Option("--order <order>", "of the cases: as in the file, equal guests together, or by the seed")
        .choices(ORDERS)
        .default("file"),
    );

function parseSample(text: string): number | "pairwise" {
  if (text === "pairwise") return text;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a number, or pairwise.");
}

function parseSeed(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  throw new InvalidArgumentError("Write a whole number from 0 to 4294967295.");
}

function parseShard(text: string): Selection["shard"] {
  const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  if (index !== undefined && count !== undefined && Number(index) >= 1 && Number(index) <= Number(count))
    return { index: Number(index), count: Number(count) };
  throw new InvalidArgumentError("Write i/n, e.g. 2/5.");
}

export interface Selected {
  readonly cases: readonly Case[];
  /** Before anything was dropped. */
  readonly total: number;
  readonly seed: number;
  readonly profile?: Profile;
}

/**
 * Reads the scenarios, expands them, chooses, scales and puts in order.
 * @throws HarnessError `bad-input` for mistakes in files and filters, and when nothing is left
 */
export async function loadAndSelect(paths: readonly string[], options: SelectionOptions): Promise<Selected> {
  const files = await scenarioFiles(paths);
  const all = await loadAll(files);
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
  const chosen = select(all, { ...options, seed });
  if (chosen.length === 0) throw badInput([`nothing is selected: the filters leave none of ${all.length} cases`]);
  const profile = options.profile === undefined ? undefined : await loadProfile(options.profile);
  const scaled = profile === undefined ? chosen : profiled(chosen, profile);
  const cases = await byEarlier(ordered(scaled, options.order ?? "file", seed), options);
  return { cases, total: all.length, seed, ...(profile === undefined ? {} : { profile: profile.profile }) };
}

/** Reads and expands every file before complaining, so that the mistakes of all come at once. */
async function loadAll(files: readonly string[]): Promise<Case[]> {
  const perFile = await Promise.allSettled(files.map(async (file) => expand(await loadScenario(file))));
  const failures = perFile.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  const unexpected = failures.find((error) => !(error instanceof HarnessError));
  if (unexpected !== undefined) throw unexpected;
  if (failures.length > 0) throw badInput(failures.map(messageOf));
  const all = perFile.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  refuseTwins(files, all);
  return all.flat();
}

/** The named files, or all of the current folder's. @throws HarnessError `bad-input` when there is none */
export const scenarioFiles = async (paths: readonly string[]): Promise<readonly string[]> =>
  paths.length > 0 ? paths : defaultScenarios();

async function defaultScenarios(): Promise<string[]> {
  const names = await readdir("scenarios").catch((): string[] => []);
  const files = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  if (files.length > 0) return files.map((name) => join("scenarios", name));
  throw badInput(["no scenario is named, and the current folder has no scenarios/*.yaml"]);
}

/** Ids are the names of folders. Within one file no two can be equal. */
function refuseTwins(files: readonly string[], all: readonly (readonly Case[])[]): void {
  const fileOf = new Map<string, string>();
  for (const [index, cases] of all.entries())
    for (const { id, scenario } of cases) {
      const file = files[index] ?? "";
      const other = fileOf.get(id);
      if (other !== undefined)
        throw badInput([
          `${plainText(file)}: the scenario ${scenario} has cases of the same ids as ${plainText(other)}`,
        ]);
      fileOf.set(id, file);
    }
}
