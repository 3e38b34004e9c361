import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { CaseResult } from "../../lib/model/result.js";
import { REPORTERS } from "../../reports/reporters.js";
import { buildJob } from "../support/build.js";
import { sampleJob, storm } from "../support/sample-job.js";

/**
 * Renders every report of a job of many cases and prints sizes and times: `tsx test/bench/report.ts [cases] [folder]`.
 * With a folder the reports are written there; 0 cases stand for the sample job of the golden files.
 */
const [count = 1000, folder] = [Number(process.argv[2] ?? 1000), process.argv[3]];
const job = count === 0 ? sampleJob() : buildJob(Array.from({ length: count }, (_, index) => caseAt(index)));

for (const [name, render] of Object.entries(REPORTERS)) {
  const startMs = performance.now();
  const text = render(job);
  const tookMs = performance.now() - startMs;
  console.log(`${name.padEnd(13)} ${(Buffer.byteLength(text) / 1e6).toFixed(2)} MB ${tookMs.toFixed(0)} ms`);
  if (folder !== undefined) writeFileSync(join(folder, name), text);
}
console.log(`${job.cases.length} cases, peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);

function caseAt(index: number): CaseResult {
  const one = sampleJob().cases[[2, 4][index % 2] ?? 2];
  return index % 50 < 2 && one !== undefined ? one : storm(index + 1, `orderly.precopy.stressed.v${index + 1}`, 50);
}
