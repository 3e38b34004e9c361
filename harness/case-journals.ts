import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { JobPlan } from "../lib/model/result.js";

/** The undo journal of a case that was begun. */
export interface CaseJournal {
  readonly path: string;
  /** Names of the case's guests. */
  readonly guests: readonly string[];
}

/** Journals of every case that a job has begun; none where it broke off before. */
export async function caseJournals(folder: string): Promise<CaseJournal[]> {
  const results = join(folder, "test-results");
  const cases = (await readdir(results).catch((): string[] => [])).sort();
  const found = await Promise.all(
    cases.map(async (name) => {
      const files = await readdir(join(results, name)).catch((): string[] => []);
      return files.includes("undo.ndjson") ? [join(results, name, "undo.ndjson")] : [];
    }),
  );
  const guests = await guestsOfCases(folder);
  return found.flat().map((path) => ({ path, guests: guests.get(basename(join(path, ".."))) ?? [] }));
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
