import type { CaseResult } from "../../lib/model/result.js";

/** Phases of a case in their order; all legs together are one of them, and what no other accounts for is the last. */
export const PHASES = [
  "inspect",
  "prepare",
  "guests",
  "load",
  "before",
  "probes",
  "legs",
  "after",
  "restore",
  "last look",
] as const;
export type Phase = (typeof PHASES)[number];

const PHASE_OF: readonly (readonly [RegExp, Phase])[] = [
  [/^inspect/, "inspect"],
  [/^prepare/, "prepare"],
  [/^start load/, "load"],
  [/^start probes/, "probes"],
  [/^(?:start \d|take over)/, "guests"],
  [/^evidence before/, "before"],
  [/^leg /, "legs"],
  [/^evidence after/, "after"],
  [/^(?:restore|keep hosts)/, "restore"],
];

/**
 * Milliseconds that each phase of a case took. What none accounts for is the last look at the hosts, the judging, the writing
 * and, where nobody takes the guests over, their end.
 */
export function phasesOf({ phases, durationMs }: Pick<CaseResult, "phases" | "durationMs">): Record<Phase, number> {
  const spent = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as Record<Phase, number>;
  for (const { name, durationMs: tookMs } of phases) {
    const phase = PHASE_OF.find(([pattern]) => pattern.test(name))?.[1];
    if (phase !== undefined) spent[phase] += tookMs;
  }
  const known = Object.values(spent).reduce((sum, value) => sum + value, 0);
  return { ...spent, "last look": Math.max(0, durationMs - known) };
}

/** Milliseconds of all legs together, as each says when it began and ended. */
export const legsMsOf = ({ legs }: Pick<CaseResult, "legs">): number =>
  legs.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
