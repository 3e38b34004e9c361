import { plainText } from "../../lib/model/plain-text.js";
import type { JobResult } from "../../lib/model/result.js";
import { flakeOf, type Run, runOf } from "../../reports/flake.js";
import { flakeText, renderFlakeJson } from "../../reports/flake-text.js";
import { badInput } from "../places.js";
import type { RunOptions } from "./run.js";
import { loadAndSelect } from "./selection.js";
import { soak } from "./soak.js";

export interface FlakeOptions extends Omit<RunOptions, "failfast" | "id" | "order"> {
  readonly runs: number;
  readonly json?: boolean;
}

type Write = (text: string) => void;

/**
 * Runs one case again and again, each time as a job of its own with guests of its own, and tells how often it was not OK.
 * @param write with `--json` it gets the JSON alone; what happens meanwhile goes to `writeMeanwhile`
 * @returns the exit code: the bits of all runs together
 * @throws HarnessError `bad-input` when the id is not that of exactly one case
 */
export async function flake(
  caseId: string,
  paths: readonly string[],
  { runs: passes, json, ...options }: FlakeOptions,
  write: Write,
  writeMeanwhile: Write,
): Promise<number> {
  const { cases, seed } = await loadAndSelect(paths, { ...options, id: [caseId] });
  const [only, ...more] = cases;
  if (only === undefined || more.length > 0)
    throw badInput([`${plainText(caseId)} stands for ${cases.length} cases, and one is wanted: ${idsOf(cases)}`]);
  const runs: Run[] = [];
  const onResult = (result: JobResult): void => {
    const run = runOf(result, only.id);
    if (run !== undefined) runs.push(run);
  };
  const how = { ...options, id: [caseId], seed, passes };
  const code = await soak(paths, how, json === true ? writeMeanwhile : write, onResult);
  const told = flakeOf(only.id, runs);
  write(json === true ? renderFlakeJson(told) : `${flakeText(told)}\n`);
  return code;
}

const MOST_IDS = 5;

const idsOf = (cases: readonly { readonly id: string }[]): string =>
  plainText(
    cases
      .slice(0, MOST_IDS)
      .map(({ id }) => id)
      .join(", "),
  );
