import type { CaseContext } from "../../harness/engine/context.js";
import { startProbe } from "../../harness/engine/probe.js";
import { runLeg } from "../../harness/engine/steps/leg.js";
import type { Move } from "../../lib/model/plan.js";
import { bareLeg } from "./bare-loop.js";
import { benchParams, withGuests } from "./bench-guests.js";
import { inLab } from "./bench-lab.js";
import { type Figures, figuresOf, median } from "./figures.js";
import { against, ms, type Part, ratio } from "./table.js";

/** Against the bare loop: one by one it may cost a little, all at once nothing. */
const TARGETS = { "one by one": 1.05, "all at once": 1 } as const;
type Way = keyof typeof TARGETS;

interface Measured {
  readonly way: Way;
  readonly guests: number;
  readonly bare: Figures;
  /** The bare loop while the engine's pings reach the guests: what the onlooker costs, and not the engine. */
  readonly watched: Figures;
  /** The legs themselves: from the first migration's start to the last one's end. */
  readonly engine: Figures;
  /** The same with what the engine asks, watches and writes down around them. */
  readonly whole: Figures;
  /** Of the medians of the legs, the target's measure, and of the whole. */
  readonly ratio: number;
  /** The same against the loop with pings. */
  readonly watchedRatio: number;
  readonly wholeRatio: number;
  /** Median of the ratios of neighbouring rounds: what the machine's other load does to both goes out of it. */
  readonly pairedRatio: number;
  readonly target: number;
  readonly cost: Cost;
}

/** What the runner itself used during the engine's legs. */
interface Cost {
  readonly cpuPercent: number;
  readonly peakRssMiB: number;
}

/** The same guests on the same hosts, there and back by turns: by a bare loop, by the engine. */
export const legsPart = (rounds: number, count: number): Promise<Part[]> =>
  inLab(
    async (lab) => {
      const measured = await withGuests(lab.newJob(), lab.folder, benchParams(count), async (ctx) => {
        const all: Measured[] = [];
        for (const way of Object.keys(TARGETS) as Way[]) all.push(await compare(ctx, way, rounds));
        return all;
      });
      return [partOf(measured, count, lab.virtType)];
    },
    { guests: count },
  );

const ANSWER_MS = 5_000;
let legNumber = 0;

async function compare(ctx: CaseContext, way: Way, rounds: number): Promise<Measured> {
  const isTogether = way === "all at once";
  const there = movesOf(ctx, false);
  const back = movesOf(ctx, true);
  const bareMs: number[] = [];
  const watchedMs: number[] = [];
  const engineMs: number[] = [];
  const wholeMs: number[] = [];
  let cpuMs = 0;

  const bare = async (): Promise<void> => {
    const startMs = performance.now();
    await bareLeg(ctx, there, isTogether);
    await bareLeg(ctx, back, isTogether);
    bareMs.push(performance.now() - startMs);
  };
  const watched = async (): Promise<void> => {
    const signal = new AbortController().signal;
    const addresses = [...ctx.state.guests.values()].flatMap(({ address }) => address ?? []);
    const probes = await Promise.all(
      addresses.map((address) => startProbe(ctx.observer, ctx.state.pinger, address, { signal })),
    );
    const answered = await Promise.all(probes.map((probe) => probe.answers(ANSWER_MS)));
    if (!answered.every(Boolean)) throw new Error("a guest does not answer its pings");
    const startMs = performance.now();
    await bareLeg(ctx, there, isTogether);
    await bareLeg(ctx, back, isTogether);
    watchedMs.push(performance.now() - startMs);
    await Promise.all(probes.map((probe) => probe.stop()));
  };
  const engine = async (): Promise<void> => {
    const before = process.cpuUsage();
    const startMs = performance.now();
    engineMs.push((await engineLeg(ctx, there, isTogether)) + (await engineLeg(ctx, back, isTogether)));
    wholeMs.push(performance.now() - startMs);
    const { user, system } = process.cpuUsage(before);
    cpuMs += (user + system) / 1000;
  };

  // A round trip of each that does not count: caches, code that is compiled when first used.
  await bare();
  await watched();
  await engine();
  bareMs.length = 0;
  watchedMs.length = 0;
  engineMs.length = 0;
  wholeMs.length = 0;
  cpuMs = 0;
  // Who goes first changes from round to round: what is left of one must not always weigh on the other.
  for (let round = 0; round < rounds; round += 1)
    for (const turn of round % 2 === 0 ? [bare, watched, engine] : [engine, watched, bare]) await turn();

  const total = wholeMs.reduce((sum, value) => sum + value, 0);
  return {
    way,
    guests: there.length,
    bare: figuresOf(bareMs),
    watched: figuresOf(watchedMs),
    engine: figuresOf(engineMs),
    whole: figuresOf(wholeMs),
    ratio: median(engineMs) / median(bareMs),
    watchedRatio: median(engineMs) / median(watchedMs),
    wholeRatio: median(wholeMs) / median(bareMs),
    pairedRatio: median(engineMs.map((value, index) => value / (bareMs[index] ?? Number.NaN))),
    target: TARGETS[way],
    cost: { cpuPercent: (cpuMs / total) * 100, peakRssMiB: process.resourceUsage().maxRSS / 1024 },
  };
}

/**
 * Everything that a leg of a case does, its questions and its probes included.
 * @returns milliseconds from the first migration's start to the last one's end
 */
async function engineLeg(ctx: CaseContext, moves: readonly Move[], isTogether: boolean): Promise<number> {
  legNumber += 1;
  const seen = ctx.state.migrations.length;
  const width = isTogether ? moves.length : 1;
  const leg = { kind: "leg", number: legNumber, name: `leg ${legNumber}`, deadlineMs: 600_000, moves, width } as const;
  await runLeg(ctx, leg, new AbortController().signal);
  const records = ctx.state.migrations.slice(seen);
  const bad = records.find(({ outcome }) => outcome !== "completed");
  if (bad !== undefined) throw new Error(`${bad.guest}: ${bad.outcome}: ${bad.error}`);
  const starts = records.flatMap(({ startMs }) => startMs ?? []);
  const ends = records.flatMap(({ endMs }) => endMs ?? []);
  return Math.max(...ends) - Math.min(...starts);
}

function movesOf({ plan }: CaseContext, isBack: boolean): Move[] {
  const [source, target] = isBack ? [plan.hosts[1], plan.hosts[0]] : plan.hosts;
  return plan.guests.map(({ name }) => ({ guest: name, from: source, to: target }));
}

const partOf = (measured: readonly Measured[], count: number, virtType: string): Part => ({
  title: `legs: ${count} guests there and back, engine against a bare loop (${virtType})`,
  head: [
    "",
    "bare ms",
    "(quartiles)",
    "legs ms",
    "(quartiles)",
    "ratio",
    "paired",
    "target",
    "bare+pings ms",
    "ratio",
    "target of that",
    "whole ms",
    "ratio",
    "CPU %",
    "RSS MiB",
  ],
  rows: measured.map((one) => rowOf(one)),
  data: measured,
});

function rowOf(measured: Measured): string[] {
  const { way, bare, watched, engine, whole, ratio: value, watchedRatio, wholeRatio, pairedRatio, target } = measured;
  return [
    way,
    ms(bare.medianMs),
    `${ms(bare.lowerMs)}-${ms(bare.upperMs)}`,
    ms(engine.medianMs),
    `${ms(engine.lowerMs)}-${ms(engine.upperMs)}`,
    ratio(value),
    ratio(pairedRatio),
    against(value, target),
    ms(watched.medianMs),
    ratio(watchedRatio),
    against(watchedRatio, target),
    ms(whole.medianMs),
    ratio(wholeRatio),
    ms(measured.cost.cpuPercent),
    ms(measured.cost.peakRssMiB),
  ];
}
