import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { benchParams } from "./bench-guests.js";
import { type BenchLab, inLab } from "./bench-lab.js";
import { median } from "./figures.js";
import { runCases } from "./run-cases.js";
import { against, ms, type Part, ratio } from "./table.js";

/** What the runner itself may take while so many guests move. CPU per guest has no target: their legs take so much longer. */
const TARGETS = { cores: 0.5, peakMiB: 300 } as const;
const FEW = 2;

/**
 * Many guests all at once, there and back, and two of them in the same process before: what the engine itself takes must stay
 * small. Memory at its highest is that of the process up to the end of each job, so that the smaller one comes first.
 */
export const scalePart = (guests: number): Promise<Part[]> =>
  inLab(
    async (lab) => {
      // One that does not count: code that is compiled when first used.
      await measure(lab, FEW);
      const few = await measure(lab, FEW);
      const many = await measure(lab, guests);
      return [jobsPart([few, many]), runnerPart(few, many)];
    },
    { guests },
  );

type Measured = Awaited<ReturnType<typeof measure>>;

async function measure(lab: BenchLab, guests: number) {
  const params = benchParams(guests, { pattern: "simultaneous", rounds: 1 });
  const id = `${guests}-guests-at-once`;
  const testCase = { id, scenario: "bench", variants: [id], tags: [], testIds: [], params };
  const job = await runCases(lab, [testCase]);
  const [only] = job.cases;
  if (only === undefined) throw new Error("the job has no case");
  return { guests, status: only.status, caseMs: only.durationMs, ...movedIn(only), ...costOf(job, guests) };
}

function movedIn({ legs, migrations }: CaseResult) {
  const spans = migrations.flatMap(({ startMs, endMs }) =>
    startMs === undefined || endMs === undefined ? [] : [{ startMs, endMs }],
  );
  const at = (moment: number): number =>
    spans.filter(({ startMs, endMs }) => startMs <= moment && moment < endMs).length;
  return {
    legsMs: legs.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
    migrations: spans.length,
    mostAtOnce: Math.max(0, ...spans.map(({ startMs }) => at(startMs))),
    medianMs: median(spans.map(({ startMs, endMs }) => endMs - startMs)),
  };
}

/** Over the whole job: connections, locks and plan are of its cost too. */
function costOf({ runner, durationMs }: JobResult, guests: number) {
  if (runner === undefined) throw new Error("the job does not tell what the runner took");
  const { cpuS, peakMiB } = runner;
  return { jobMs: durationMs, cpuS, peakMiB, cores: (cpuS * 1000) / durationMs, cpuMsPerGuest: (cpuS * 1000) / guests };
}

const jobsPart = (jobs: readonly Measured[]): Part => ({
  title: "scale: all at once, there and back",
  head: ["guests", "verdict", "job ms", "case ms", "legs ms", "migrations", "most at once", "median ms"],
  rows: jobs.map((one) => [
    ...[String(one.guests), one.status, ms(one.jobMs), ms(one.caseMs), ms(one.legsMs)],
    ...[String(one.migrations), String(one.mostAtOnce), ms(one.medianMs)],
  ]),
  data: jobs,
});

function runnerPart(few: Measured, many: Measured): Part {
  const perGuestRatio = many.cpuMsPerGuest / few.cpuMsPerGuest;
  const row = (what: string, text: (one: Measured) => string, relation: number, target = ""): string[] => [
    ...[what, text(few), text(many), ratio(relation), target],
  ];
  return {
    title: "scale: the runner itself",
    head: ["", `${few.guests} guests`, `${many.guests} guests`, "ratio", "target"],
    rows: [
      row("CPU, s", ({ cpuS }) => cpuS.toFixed(2), many.cpuS / few.cpuS),
      row(
        "cores on average",
        ({ cores }) => cores.toFixed(3),
        many.cores / few.cores,
        against(many.cores, TARGETS.cores),
      ),
      row("CPU per guest, ms", ({ cpuMsPerGuest }) => ms(cpuMsPerGuest), perGuestRatio),
      row(
        "peak memory, MiB",
        ({ peakMiB }) => String(peakMiB),
        many.peakMiB / few.peakMiB,
        against(many.peakMiB, TARGETS.peakMiB),
      ),
      row(
        "peak memory per guest, MiB",
        ({ peakMiB, guests }) => (peakMiB / guests).toFixed(1),
        many.peakMiB / many.guests / (few.peakMiB / few.guests),
      ),
    ],
    data: { perGuestRatio, coresRatio: many.cores / few.cores, peakRatio: many.peakMiB / few.peakMiB },
  };
}
