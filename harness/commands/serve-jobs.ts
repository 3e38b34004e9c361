import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { openInside } from "../../lib/store/confined.js";
import type { ListedJob } from "../../reports/live-page.js";
import { countsOfHead } from "../../reports/live-results.js";

const MOST_LISTED = 200;
const HEAD_BYTES = 4_096;
const JOB = /^(?:(?:soak|shrink)-[\w.-]{1,100}\/)?job-[\w.-]{1,100}$/;

/** Jobs, passes of soaks and runs of shrinks below the results folder, the latest first: the names begin with the time. */
export async function jobNames(resultsDir: string): Promise<string[]> {
  const names = await readdir(resultsDir).catch((): string[] => []);
  const passes = await Promise.all(
    names
      .filter((name) => /^(?:soak|shrink)-/.test(name))
      .map(async (many) =>
        (await readdir(join(resultsDir, many)).catch((): string[] => [])).map((name) => `${many}/${name}`),
      ),
  );
  return [...names, ...passes.flat()]
    .filter((name) => JOB.test(name))
    .sort((a, b) => (basename(a) < basename(b) ? 1 : -1));
}

export async function newestJob(resultsDir: string): Promise<string | undefined> {
  for (const name of await jobNames(resultsDir)) if (await isJobFolder(resultsDir, name)) return name;
  return undefined;
}

export async function isJobFolder(resultsDir: string, job: string): Promise<boolean> {
  const folder = JOB.test(job) ? await openInside(resultsDir, job.split("/")) : undefined;
  await folder?.close();
  return folder !== undefined;
}

export async function listedJobs(
  resultsDir: string,
): Promise<{ readonly jobs: ListedJob[]; readonly unlisted: number }> {
  const names = await jobNames(resultsDir);
  const jobs: ListedJob[] = [];
  for (const folder of names.slice(0, MOST_LISTED)) {
    const report = await openInside(resultsDir, [...folder.split("/"), "results.html"]);
    await report?.close();
    const counts = countsOfHead(await headOf(resultsDir, [...folder.split("/"), "results.json"]));
    jobs.push({ folder, hasReport: report !== undefined, ...(counts === undefined ? {} : { counts }) });
  }
  return { jobs, unlisted: names.length - jobs.length };
}

async function headOf(resultsDir: string, parts: readonly string[]): Promise<string> {
  const file = await openInside(resultsDir, parts);
  if (file === undefined) return "";
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch {
    // A folder of that name, or a disk that does not answer: no verdicts to show.
    return "";
  } finally {
    await file.close();
  }
}

/** How many cases a job has planned; absent: it has no plan yet. */
export async function plannedCases(resultsDir: string, job: string): Promise<number | undefined> {
  const file = await openInside(resultsDir, [...job.split("/"), "plan.json"]);
  if (file === undefined) return undefined;
  try {
    const { plans }: { plans?: unknown } = JSON.parse(await readFile(file, "utf8"));
    return Array.isArray(plans) ? plans.length : undefined;
  } catch {
    // Not written to its end, or damaged.
    return undefined;
  } finally {
    await file.close();
  }
}
