import { expand } from "../../harness/expand.js";
import { loadProfile, loadScenario } from "../../harness/load.js";
import { profiled } from "../../harness/profile.js";
import type { Case } from "../../lib/model/case.js";
import type { CaseResult } from "../../lib/model/result.js";
import { legsMsOf } from "../../reports/run-document/phases.js";
import { type BenchLab, inLab } from "./bench-lab.js";
import { median } from "./figures.js";
import { type BenchJob, runCases } from "./run-cases.js";
import { against, ms, type Part, ratio } from "./table.js";

/** What is beside the legs of a case with guests that are handed on, over the same with guests that are booted for it. */
const TARGET = 0.8;
const SIZE = "migrate-stress.set_memory_1";

/**
 * Cases of every pattern and both modes, in herds: those of one want the same guests in the same places. The first of each
 * boots them whatever is measured, so that it is compared with nothing; guests of a case that warned are not handed on, so
 * that the postcopy one is the last.
 */
const HERDS: readonly (readonly string[])[] = [
  [
    "precopy.run_stress_app.stress_ng.cpu_stress.stress_tool_in_vms.orderly_migration",
    "precopy.run_stress_app.stress.memory_stress.stress_tool_in_vms.orderly_migration",
    "precopy.run_stress_app.stress.cpu_stress.stress_tool_on_hosts.with_host.on_source.half_memory.simultaneous_migration",
    "postcopy.run_stress_app.stress_ng.cpu_stress.stress_tool_in_vms.orderly_migration",
  ],
  [
    "precopy.run_stress_app.stress_ng.cpu_stress.stress_tool_in_vms.cross_migration",
    "precopy.run_stress_app.stress.memory_stress.stress_tool_in_vms.cross_migration",
  ],
];

/**
 * Small guests may be over before the switch to postcopy, and libvirt does not tell the downtime of each that switched: both take
 * as long as they take both ways.
 */
const HARMLESS = ["mode", "statistics"];

interface Taken {
  readonly caseMs: number;
  readonly legsMs: number;
}

/** One case in one round, done both ways one after the other. */
interface Pair {
  readonly id: string;
  readonly fresh: Taken;
  readonly again: Taken;
  /** By the evidence, not by the plan. */
  readonly isHandedOn: boolean;
}

/** Cases of the stress matrix with guests of their own and with guests that are handed on, herd by herd and in turn. */
export const matrixPart = (rounds: number): Promise<Part[]> =>
  inLab(async (lab) => {
    const herds = await chosenCases();
    const pairs: Pair[] = [];
    const runnerMs: Record<Kind, number[]> = { fresh: [], again: [] };
    for (let round = 0; round < rounds; round += 1)
      for (const [index, cases] of herds.entries()) {
        const { fresh, again } = await bothWays(lab, cases, (round + index) % 2 === 0);
        for (const [kind, job] of Object.entries({ fresh, again }) as [Kind, BenchJob][])
          runnerMs[kind].push(((job.runner?.cpuS ?? Number.NaN) * 1000) / job.cases.length);
        pairs.push(...pairsOf(fresh, again));
      }
    return [casesPart(pairs), sumsPart(pairs, runnerMs)];
  });

type Kind = "fresh" | "again";

/** The cases that are measured, herd by herd. @throws when the matrix has one of them no more */
export async function chosenCases(): Promise<Case[][]> {
  const all = expand(await loadScenario("scenarios/migrate-stress.yaml"));
  const profile = await loadProfile("cfg/lab.yaml");
  return HERDS.map((herd) => {
    const cases = herd.map((rest) => {
      const found = all.find(({ id }) => id === `${SIZE}.${rest}`);
      if (found === undefined) throw new Error(`the stress matrix has no case ${SIZE}.${rest}`);
      return found;
    });
    return profiled(cases, profile);
  });
}

/** Who goes first changes: what is left of one must not always weigh on the other. */
async function bothWays(lab: BenchLab, cases: readonly Case[], isFreshFirst: boolean): Promise<Record<Kind, BenchJob>> {
  const run = (freshGuests: boolean): Promise<BenchJob> => runCases(lab, cases, { freshGuests, harmless: HARMLESS });
  const first = await run(isFreshFirst);
  const second = await run(!isFreshFirst);
  const [fresh, again] = isFreshFirst ? [first, second] : [second, first];
  if (fresh.handedOn.size > 0) throw new Error(`not booted for it: the guests of ${[...fresh.handedOn].join(", ")}`);
  return { fresh, again };
}

const pairsOf = (fresh: BenchJob, again: BenchJob): Pair[] =>
  fresh.cases.map((own, index) => {
    const other = again.cases[index];
    if (other?.case.id !== own.case.id) throw new Error("the two jobs have other cases");
    return { id: own.case.id, fresh: taken(own), again: taken(other), isHandedOn: again.handedOn.has(own.case.id) };
  });

const taken = (result: CaseResult): Taken => ({ caseMs: result.durationMs, legsMs: legsMsOf(result) });

const besideMs = ({ caseMs, legsMs }: Taken): number => caseMs - legsMs;

function casesPart(pairs: readonly Pair[]): Part {
  const ids = [...new Set(pairs.map(({ id }) => id))];
  return {
    title: `matrix: cases of the stress matrix (${SIZE}), two guests, one round; ms, medians`,
    head: ["", "fresh: case", "legs", "beside", "again: case", "legs", "beside", "case ratio", "handed on"],
    rows: ids.map((id) => {
      const own = pairs.filter((pair) => pair.id === id);
      const of = (kind: Kind, figure: (one: Taken) => number): string =>
        ms(median(own.map((pair) => figure(pair[kind]))));
      return [
        id.slice(SIZE.length + 1),
        ...(["fresh", "again"] as const).flatMap((kind) => [
          of(kind, ({ caseMs }) => caseMs),
          of(kind, ({ legsMs }) => legsMs),
          of(kind, besideMs),
        ]),
        ratio(median(own.map(({ fresh, again }) => again.caseMs / fresh.caseMs))),
        `${own.filter(({ isHandedOn }) => isHandedOn).length} of ${own.length}`,
      ];
    }),
    data: pairs,
  };
}

/** Only of cases whose guests were handed on, and of these very cases with guests of their own. */
function sumsPart(all: readonly Pair[], runnerMs: Readonly<Record<Kind, readonly number[]>>): Part {
  const pairs = all.filter(({ isHandedOn }) => isHandedOn);
  if (pairs.length === 0) throw new Error("no guest was handed on, by the evidence");
  const row = (name: string, of: (one: Taken) => number, target?: number): string[] => {
    const relation = median(pairs.map(({ fresh, again }) => of(again) / of(fresh)));
    const both = (["fresh", "again"] as const).map((kind) => median(pairs.map((pair) => of(pair[kind]))));
    return [name, ...both.map(ms), ratio(relation), target === undefined ? "" : against(relation, target)];
  };
  const overLegs = (["fresh", "again"] as const).map((kind) =>
    median(pairs.map((pair) => pair[kind].caseMs / pair[kind].legsMs)),
  );
  const runner = [median(runnerMs.fresh), median(runnerMs.again)] as const;
  return {
    title: `matrix: what handing guests on saves, ${pairs.length} pairs of cases (medians; ratios of pairs)`,
    head: ["per case", "fresh boots", "handed on", "ratio", "target"],
    rows: [
      row("case, ms", ({ caseMs }) => caseMs),
      row("legs, ms", ({ legsMs }) => legsMs),
      row("beside the legs, ms", besideMs, TARGET),
      ["case / legs", ...overLegs.map(ratio), "", ""],
      ["runner CPU of every case, ms", ...runner.map(ms), ratio(runner[1] / runner[0]), ""],
    ],
    data: { pairs: pairs.length, runnerMs, caseOverLegs: overLegs },
  };
}
