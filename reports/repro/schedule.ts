import type { CommandRecord } from "../../lib/model/result.js";

/** What is done again, in its order. */
export type Action =
  | { readonly kind: "change"; readonly command: CommandRecord }
  | { readonly kind: "migrate"; readonly number: number; readonly command: CommandRecord; readonly besides: boolean }
  /** Until that migration has ended. */
  | { readonly kind: "wait"; readonly number: number }
  | { readonly kind: "pause"; readonly seconds: number };

/** Shorter ones are those between two commands. */
const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 60_000;

/**
 * The commands that change something, in the order in which they were begun: migrations that ran beside each other do so
 * again, what was done while one ran is done as long after its begin, and where nothing was done for a while (questions,
 * evidence) nothing is done either.
 */
export function schedule(commands: readonly CommandRecord[]): Action[] {
  const wanted = commands.filter(isDone).sort((a, b) => a.startMs - b.startMs);
  const actions: Action[] = [];
  const running = new Map<number, number>();
  let [freeMs, migrations] = [wanted[0]?.startMs ?? 0, 0];
  for (const [index, command] of wanted.entries()) {
    const { startMs } = command;
    const ended = [...running].filter(([, endMs]) => endMs <= startMs).sort(([, a], [, b]) => a - b);
    for (const [number] of ended) running.delete(number);
    freeMs = Math.max(freeMs, ...ended.map(([, endMs]) => endMs));
    actions.push(...ended.map(([number]): Action => ({ kind: "wait", number })), ...pauseOf(startMs - freeMs));
    const migrates = isMigration(command);
    const besides = migrates && (wanted[index + 1]?.startMs ?? Number.POSITIVE_INFINITY) < endOf(command);
    if (migrates) migrations += 1;
    actions.push(migrates ? { kind: "migrate", number: migrations, command, besides } : { kind: "change", command });
    if (besides) running.set(migrations, endOf(command));
    freeMs = Math.max(freeMs, besides ? startMs : endOf(command));
  }
  return [...actions, ...[...running.keys()].map((number): Action => ({ kind: "wait", number }))];
}

const endOf = ({ startMs, durationMs }: CommandRecord): number => startMs + durationMs;

const pauseOf = (idleMs: number): Action[] =>
  idleMs < PAUSE_MS ? [] : [{ kind: "pause", seconds: Math.round(Math.min(LONGEST_PAUSE_MS, idleMs) / 100) / 10 }];

/** Undos are for the other script. What does nothing now was there for its undo. */
const isDone = ({ what, argv: [file] }: CommandRecord): boolean =>
  what !== undefined && !what.startsWith("undo: ") && file !== "true";

const isMigration = ({ argv }: CommandRecord): boolean => argv[0] === "virsh" && argv.includes("migrate");
