import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { plainText } from "../lib/model/plain-text.js";

/** Of a folder that never was a job's; undefined for one that was. */
export async function whyNoJob(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return `${plainText(folder)}: there is no such folder`;
  if (names.includes("job.json") || names.includes("plan.json")) return undefined;
  const inside = names
    .filter((name) => /^job-\d/.test(name))
    .sort()
    .at(-1);
  const hint = inside === undefined ? "" : `; name a job's, e.g. ${plainText(join(folder, inside))}`;
  return `${plainText(folder)} is not the folder of a job: it has no job.json${hint}`;
}
