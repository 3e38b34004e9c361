import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { labelOf } from "../console/colour.js";
import type { CaseFacts } from "./case-facts.js";
import { hasRun, modeOf } from "./figures.js";
import { legsMsOf, PHASES, type Phase, phasesOf } from "./phases.js";
import { code, percent, quantile, seconds, table, whole } from "./words.js";

type Facts = ReadonlyMap<string, CaseFacts>;

const WORDS: Readonly<Record<Exclude<Phase, "guests" | "legs">, string>> = {
  inspect: "looking at the hosts",
  prepare: "preparing the hosts",
  load: "starting the load",
  before: "evidence before",
  probes: "starting the probes",
  after: "evidence after",
  restore: "restore",
  "last look": "last look, judging, writing; taking guests away that nobody takes over",
};

/** The sum of the legs, and by phase what is beside them. */
export function timeTable({ cases, durationMs }: JobResult, facts: Facts): string[] {
  const spent = cases.map((result) => ({ result, phases: phasesOf(result) }));
  const sum = (of: (one: (typeof spent)[number]) => number): number => spent.reduce((all, one) => all + of(one), 0);
  const guestsMs = (isWanted: (facts: CaseFacts | undefined) => boolean): number =>
    sum(({ result, phases }) => (isWanted(facts.get(result.case.id)) ? phases.guests : 0));
  const legsMs = sum(({ result }) => legsMsOf(result));
  const lines: readonly (readonly [string, number])[] = [
    ["the legs", legsMs],
    ...PHASES.flatMap((phase): (readonly [string, number])[] => {
      if (phase === "legs")
        return [["around the legs: ports, places, pings", sum(({ phases }) => phases.legs) - legsMs]];
      if (phase !== "guests") return [[WORDS[phase], sum(({ phases }) => phases[phase])]];
      return [
        ["booting guests", guestsMs((one) => one?.isHandedOn === false)],
        ["taking guests over", guestsMs((one) => one?.isHandedOn === true)],
        ["guests, of which nothing is known", guestsMs((one) => one?.isHandedOn === undefined)],
      ];
    }),
    ["around the cases: connections, locks, plan", durationMs - sum(({ result }) => result.durationMs)],
  ];
  return [
    "## Where the time went",
    "",
    ...table(
      ["", "s", "share"],
      [
        ...lines.flatMap(([what, ms]) => (ms < 1 ? [] : [[what, seconds(ms), percent(ms, durationMs)]])),
        ["**wall time**", seconds(durationMs), ""],
        ["of it beside the legs", seconds(durationMs - legsMs), percent(durationMs - legsMs, durationMs)],
      ],
      [1, 2],
    ),
  ];
}

/** Cases whose guests ran already, and cases that booted theirs, by the evidence of each. */
export function handingTable({ cases }: JobResult, facts: Facts): string[] {
  const known = cases.filter((result) => hasRun(result) && facts.get(result.case.id)?.isHandedOn !== undefined);
  if (known.length === 0) return [];
  const modes = [...new Set(known.map(modeOf))];
  const cells = (mode: string, isHandedOn: boolean): string[] => {
    const own = known.filter((one) => modeOf(one) === mode && facts.get(one.case.id)?.isHandedOn === isHandedOn);
    const medianOf = (of: (result: CaseResult) => number): string => {
      const ms = quantile(own.map(of), 0.5);
      return ms === undefined ? "–" : seconds(ms);
    };
    return [
      whole(own.length),
      medianOf(({ durationMs }) => durationMs),
      medianOf((one) => one.durationMs - legsMsOf(one)),
    ];
  };
  return [
    "## Guests handed on",
    "",
    "By the evidence of each case: handed on when all its guests ran already. Seconds are medians; beside: of the case without its legs.",
    "",
    ...table(
      ["mode", "handed on: cases", "a case, s", "beside, s", "booted anew: cases", "a case, s", "beside, s"],
      modes.map((mode) => [mode, ...cells(mode, true), ...cells(mode, false)]),
      [1, 2, 3, 4, 5, 6],
    ),
  ];
}

const SLOWEST = 10;

export function slowest({ cases }: JobResult): string[] {
  const slow = cases.filter(hasRun).toSorted((a, b) => b.durationMs - a.durationMs);
  if (slow.length === 0) return [];
  return [
    "## The slowest cases",
    "",
    ...table(
      ["case", "verdict", "s", "in legs, s"],
      slow
        .slice(0, SLOWEST)
        .map((one) => [code(one.case.id), labelOf(one.status), seconds(one.durationMs), seconds(legsMsOf(one))]),
      [2, 3],
    ),
  ];
}
