import { expand } from "../../harness/expand.js";
import { loadProfile, loadScenario } from "../../harness/load.js";
import { profiled } from "../../harness/profile.js";
import { select } from "../../harness/select.js";
import type { Case } from "../../lib/model/case.js";
import type { JobResult } from "../../lib/model/result.js";
import { inLab } from "./bench-lab.js";
import { median } from "./figures.js";
import { runCases } from "./run-cases.js";
import { ms, type Part, ratio } from "./table.js";

/** So many cases of one herd: enough for handing guests on to show. */
const CASES = 8;

/** Cases of the stress matrix with guests of their own and with guests that are handed on, in turn. */
export const matrixPart = (rounds: number): Promise<Part[]> =>
  inLab(async (lab) => {
    const cases = await someCases();
    const kinds = [
      { name: "guests of its own (--fresh)", freshGuests: true },
      { name: "guests handed on", freshGuests: false },
    ];
    const jobs = new Map<string, JobResult[]>(kinds.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round += 1)
      for (const { name, freshGuests } of kinds) jobs.get(name)?.push(await runCases(lab, cases, { freshGuests }));
    return [table([...jobs].map(([name, runs]) => ({ name, ...figures(runs) })))];
  });

async function someCases(): Promise<Case[]> {
  const all = expand(await loadScenario("scenarios/migrate-stress.yaml"));
  const chosen = select(all, {
    only: ["set_memory_1 precopy simultaneous_migration"],
    no: ["short_of_memory"],
    sample: CASES,
    seed: 1,
  });
  return profiled(chosen, await loadProfile("cfg/lab.yaml"));
}

function figures(jobs: readonly JobResult[]) {
  const perCase = (of: (job: JobResult) => number): number => median(jobs.map((job) => of(job) / job.cases.length));
  const caseMs = perCase(({ cases }) => cases.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const legsMs = perCase(({ cases }) =>
    cases.reduce((sum, { legs }) => sum + legs.reduce((all, leg) => all + leg.endMs - leg.startMs, 0), 0),
  );
  const runnerCpuMs = perCase(({ runner }) => (runner?.cpuS ?? Number.NaN) * 1000);
  return { caseMs, legsMs, addedMs: caseMs - legsMs, ratio: caseMs / legsMs, runnerCpuMs };
}

const table = (measured: readonly ({ readonly name: string } & ReturnType<typeof figures>)[]): Part => ({
  title: `matrix: ${CASES} cases of the stress matrix, two guests, one round`,
  head: ["per case", "case ms", "legs ms", "added ms", "case/legs", "runner CPU ms"],
  rows: measured.map((one) => [
    one.name,
    ms(one.caseMs),
    ms(one.legsMs),
    ms(one.addedMs),
    ratio(one.ratio),
    ms(one.runnerCpuMs),
  ]),
  data: measured,
});
