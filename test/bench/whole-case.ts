import { expand } from "../../harness/expand.js";
import { loadScenario } from "../../harness/load.js";
import type { Case } from "../../lib/model/case.js";
import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { PHASES, phasesOf } from "../../reports/run-document/phases.js";
import { benchParams } from "./bench-guests.js";
import { inLab } from "./bench-lab.js";
import { median } from "./figures.js";
import { type BenchJob, runCases } from "./run-cases.js";
import { against, ms, type Part, ratio } from "./table.js";

/** A case with every check, over its legs alone. */
const TARGET = 1.5;
const ROUNDS_THERE_AND_BACK = 5;
/** Of a job whose guests are handed on: the first makes them, the others take them over, the last takes them away. */
const EQUAL_CASES = 4;
const PATTERNS = ["orderly", "simultaneous"] as const;

/** The whole case against the sum of its legs, with guests of its own and with those of the case before, and where the rest goes. */
export const wholeCasePart = (rounds: number): Promise<Part[]> =>
  inLab(async (lab) => {
    const [own, handedOn]: [JobResult[], BenchJob[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      own.push(
        await runCases(
          lab,
          PATTERNS.map((pattern) => caseOf(pattern)),
        ),
      );
      for (const pattern of PATTERNS) handedOn.push(await runCases(lab, equalCases(pattern), { freshGuests: false }));
    }
    // What a case costs beside its legs is the same when a migration is over before the switch to postcopy.
    const smoke = await runCases(lab, expand(await loadScenario("scenarios/smoke.yaml")), { harmless: ["mode"] });
    const tookOver = handedOn.flatMap(withGuestsOfTheOneBefore);
    return [
      casesPart(
        "case: 2 guests, five rounds there and back, every check",
        byPattern(own.flatMap(({ cases }) => cases)),
      ),
      casesPart("case: the same, with the guests of the case before", byPattern(tookOver)),
      casesPart(
        "smoke: harness per case",
        smoke.cases.map((one) => [one]),
      ),
      aroundPart([...own, ...handedOn, smoke], lab.upMs),
    ];
  });

/** All but the first, which boots them. @throws when one of them had to boot guests of its own all the same */
function withGuestsOfTheOneBefore({ cases, handedOn }: BenchJob): readonly CaseResult[] {
  const later = cases.slice(1);
  const booted = later.filter(({ case: { id } }) => !handedOn.has(id));
  if (booted.length === 0) return later;
  throw new Error(`not handed on: the guests of ${booted.map(({ case: { id } }) => id).join(", ")}`);
}

const equalCases = (pattern: string): Case[] =>
  Array.from({ length: EQUAL_CASES }, (_, index) => caseOf(pattern, `${pattern}-${index + 1}`));

const byPattern = (cases: readonly CaseResult[]): CaseResult[][] =>
  PATTERNS.map((pattern) => cases.filter((one) => one.case.variants.includes(pattern)));

const caseOf = (pattern: string, id = pattern): Case => ({
  id,
  scenario: "bench",
  variants: [pattern],
  tags: [],
  testIds: [],
  params: benchParams(2, { pattern, rounds: ROUNDS_THERE_AND_BACK }),
});

/** Of the time of the legs, how much no `virsh migrate` was running. */
function aroundVirshMs({ legs, migrations }: CaseResult): number {
  const perLeg = legs.map(({ number, startMs, endMs }) => {
    const spans = migrations
      .filter(({ leg }) => leg === number)
      .map((record) => [record.startMs ?? endMs, record.endMs ?? endMs] as const)
      .sort(([a], [b]) => a - b);
    let coveredMs = 0;
    let untilMs = startMs;
    for (const [fromMs, toMs] of spans) {
      coveredMs += Math.max(0, toMs - Math.max(fromMs, untilMs));
      untilMs = Math.max(untilMs, toMs);
    }
    return endMs - startMs - coveredMs;
  });
  return median(perLeg);
}

function casesPart(title: string, cases: readonly (readonly CaseResult[])[]): Part {
  const isTargeted = title.startsWith("case");
  const measured = cases.map((runs) => {
    const phases = runs.map(phasesOf);
    const caseMs = median(runs.map(({ durationMs }) => durationMs));
    const legsMs = median(phases.map(({ legs }) => legs));
    return {
      id: isTargeted ? (runs[0]?.case.variants[0] ?? "") : (runs[0]?.case.id ?? ""),
      statuses: runs.map(({ status }) => status),
      caseMs,
      legsMs,
      ratio: median(runs.map(({ durationMs }, index) => durationMs / (phases[index]?.legs ?? Number.NaN))),
      phasesMs: Object.fromEntries(PHASES.map((phase) => [phase, median(phases.map((one) => one[phase]))])),
      aroundVirshMsPerLeg: median(runs.map(aroundVirshMs)),
    };
  });
  return {
    title,
    head: ["", "case ms", ...PHASES, "idle/leg", "case/legs", ...(isTargeted ? ["target"] : ["added ms"])],
    rows: measured.map((one) => [
      one.id,
      ms(one.caseMs),
      ...PHASES.map((phase) => ms(one.phasesMs[phase] ?? Number.NaN)),
      ms(one.aroundVirshMsPerLeg),
      ratio(one.ratio),
      isTargeted ? against(one.ratio, TARGET) : ms(one.caseMs - one.legsMs),
    ]),
    data: measured,
  };
}

function aroundPart(jobs: readonly JobResult[], upMs: number): Part {
  const around = jobs.map(({ durationMs, cases }) => durationMs - cases.reduce((sum, one) => sum + one.durationMs, 0));
  return {
    title: "around the cases",
    head: ["", "ms"],
    rows: [
      ["lab up", ms(upMs)],
      ["connections, locks, facts, plan of a job", ms(median(around))],
    ],
    data: { labUpMs: upMs, jobMs: median(around) },
  };
}
