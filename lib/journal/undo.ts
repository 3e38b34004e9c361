import { performance } from "node:perf_hooks";
import { messageOf } from "../errors.js";
import { type LockedMachine, runGuarded } from "../lock/guarded.js";
import type { CommandResult } from "../model/command.js";
import { ask } from "../transport/ask.js";
import { appendLines, type Outstanding, outstanding } from "./journal.js";

/** What undoing needs to know besides the journal. */
export interface UndoOptions {
  /** Told of each change that was taken back, or could not be. */
  readonly onUndo?: ((entry: Outstanding, failure: string | undefined, durationMs: number) => void) | undefined;
}

/** Machine by the name that the journal knows it under; undefined where it cannot be spoken to. */
export type MachineOf = (name: string) => LockedMachine | undefined;

/**
 * Takes back everything still outstanding, newest first; what was made together goes together. Called at the end of a
 * case and by `recover` after a crash. It takes no deadline beyond each command's own and no abort signal, because
 * leaving hosts half changed is worse than being slow. Never throws.
 * @param token of the locks that are held now, which after a crash is not the one of the dead job
 * @returns what could not be undone, for people; empty when the hosts are clean
 */
export async function undoAll(
  journal: string,
  machineOf: MachineOf,
  token: string,
  options: UndoOptions = {},
): Promise<string[]> {
  try {
    const leftovers: string[] = [];
    for (const wave of waves(await outstanding(journal)))
      leftovers.push(...(await undoWave(journal, wave, machineOf, token, options)));
    return leftovers;
  } catch (error) {
    return [`${journal}: cannot tell what is left to undo: ${messageOf(error)}`];
  }
}

function waves(entries: readonly Outstanding[]): Outstanding[][] {
  const byWave = new Map<number, Outstanding[]>();
  for (const entry of entries) byWave.set(entry.wave, [...(byWave.get(entry.wave) ?? []), entry]);
  return [...byWave.entries()].sort(([a], [b]) => b - a).map(([, wave]) => wave);
}

async function undoWave(
  journal: string,
  wave: readonly Outstanding[],
  machineOf: MachineOf,
  token: string,
  { onUndo }: UndoOptions,
): Promise<string[]> {
  const results = await Promise.all(
    wave.map(async (entry) => {
      const startedMs = performance.now();
      const failure = await undoOne(entry, machineOf(entry.host), token);
      onUndo?.(entry, failure, performance.now() - startedMs);
      return { entry, failure };
    }),
  );
  const undone = results.filter(({ failure }) => failure === undefined);
  if (undone.length > 0)
    await appendLines(
      journal,
      undone.map(({ entry: { id } }) => ({ op: "undone", id })),
      // Undone it is, and undoing twice is harmless: a full disk must not keep the rest from being undone.
    ).catch(() => undefined);
  return results.flatMap(({ entry, failure }) =>
    failure === undefined ? [] : [`${entry.host}: ${entry.what}: ${failure}`],
  );
}

/** @returns why it could not be undone */
async function undoOne(
  entry: Outstanding,
  machine: LockedMachine | undefined,
  token: string,
): Promise<string | undefined> {
  if (machine === undefined) return "there is no way to this machine";
  try {
    const { exitCode, stderr } = await command(entry, machine, token);
    return exitCode === 0 ? undefined : stderr.trim() || `exit code ${exitCode}`;
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * A change whose answer was lost may still be under way: its undo waits, alone on the host, until that has ended, and
 * gives it up, should it not even have begun.
 */
function command(entry: Outstanding, { remote, base }: LockedMachine, token: string): Promise<CommandResult> {
  if (!entry.guarded) return ask(remote.run, entry.undo);
  const fence = { token, ...(base === undefined ? {} : { base }) };
  const alone = entry.answered ? {} : { alone: true, change: entry.id };
  return runGuarded(remote, { ...fence, ...alone }, entry.undo, { again: true });
}
