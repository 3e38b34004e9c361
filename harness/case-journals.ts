import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { JobPlan } from "../lib/model/result.js";

/** What a case changes, and what belongs to guests that may outlive it: in the folder of a case. */
export const CASE_JOURNAL = "undo.ndjson";
export const GUESTS_JOURNAL = "guests.ndjson";

/** An undo journal of a case that was begun. */
export interface CaseJournal {
  readonly path: string;
  /** Names of the case's guests. */
  readonly guests: readonly string[];
}

/** Journals of every case that a job has begun, those of guests last; none where it broke off before. */
export async function caseJournals(folder: string): Promise<CaseJournal[]> {
  const results = join(folder, "test-results");
  const cases = (await readdir(results).catch((): string[] => [])).sort();
  const folders = await Promise.all(
    cases.map(async (name) => ({ name, files: await readdir(join(results, name)).catch((): string[] => []) })),
  );
  const found = [CASE_JOURNAL, GUESTS_JOURNAL].flatMap((journal) =>
    folders.flatMap(({ name, files }) => (files.includes(journal) ? [join(results, name, journal)] : [])),
  );
  const guests = await guestsOfCases(folder);
  return found.map((path) => ({ path, guests: guests.get(basename(join(path, ".."))) ?? [] }));
}

/** Case → its guests, by the plan, which is written before the first case begins. */
async function guestsOfCases(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  try {
    const { plans } = JSON.parse(await readFile(join(folder, "plan.json"), "utf8")) as JobPlan;
    const names = plans.map((plan): [string, string[]] => [
      plan.case.id,
      plan.verdict === "run" ? plan.guests.map(({ name }) => name) : [],
    ]);
    return new Map(names);
  } catch {
    // It broke off before it had a plan, or the plan was damaged: the journals still say what to take back.
    return new Map();
  }
}
