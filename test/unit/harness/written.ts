import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expand } from "../../../harness/expand.js";
import { loadScenario } from "../../../harness/load.js";
import { HarnessError } from "../../../lib/errors.js";
import type { Case } from "../../../lib/model/case.js";

/** A file with this content, in a folder of its own that is gone when the tests are over. */
export function written(content: string | Uint8Array, name = "given.yaml"): string {
  const folder = mkdtempSync(join(tmpdir(), "migstorm-unit-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** Cases of a scenario that is given as text. */
export const casesOf = async (yaml: string): Promise<Case[]> => expand(await loadScenario(written(yaml)));

/** The message with which something is refused; the name of the file is put as FILE. */
export async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof HarnessError && error.code === "bad-input")
      return error.message.replaceAll(/\/\S*\/(\S+\.yaml)/g, "$1");
    throw error;
  }
  throw new Error("it was accepted");
}

export const LAB = join(import.meta.dirname, "../../../cfg/lab.yaml");
export const MATRIX = join(import.meta.dirname, "../../../scenarios/migrate-stress.yaml");

/** The cases of the stress matrix: 328, or all 1,312 with the sizes of the guests. */
export async function matrix({ sizes = false } = {}): Promise<Case[]> {
  const loaded = await loadScenario(MATRIX);
  if (sizes) return expand(loaded);
  const { sizing: _, ...axes } = loaded.scenario.axes ?? {};
  return expand({ ...loaded, scenario: { ...loaded.scenario, axes } });
}
