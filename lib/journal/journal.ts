import { open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { HarnessError } from "../errors.js";
import type { HostChange } from "../model/command.js";

/** A change as the journal remembers it. */
export interface Entry extends HostChange {
  readonly id: string;
  /** Name of the machine. */
  readonly host: string;
  /** The machine is locked: apply and undo go through its fence. */
  readonly guarded: boolean;
}

export type Line =
  /** Before the change is made. */
  | { readonly op: "will"; readonly entry: Entry }
  /** The machine said how it ended, well or not: nothing of it is in flight any more. */
  | { readonly op: "answered"; readonly id: string }
  /** Its answer was lost or did not come in time. */
  | { readonly op: "lost"; readonly id: string }
  | { readonly op: "undone"; readonly id: string }
  /** Its machine will never come back, somebody said: nobody is to wait for it. */
  | { readonly op: "given-up"; readonly id: string };

/** A change not taken back yet. */
export interface Outstanding extends Entry {
  readonly answered: boolean;
  /** Changes of one wave were under way together, so the order among them is free; higher waves came later. */
  readonly wave: number;
}

/** Starts a journal, one for each case, whose very name survives a power cut. One that is there is gone on with. */
export async function createJournal(path: string): Promise<void> {
  const file = await open(path, "a", 0o600);
  await file.close();
  const folder = await open(dirname(path));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Appends lines in one piece and waits until they are on the disk. A `will` goes in BEFORE the change is made: the crash
 * that hurts is the one between making a change and writing it down.
 * @throws HarnessError `internal` when they cannot be written; then nothing may be changed
 */
export async function appendLines(path: string, lines: readonly Line[]): Promise<void> {
  // The leading newline keeps a line torn by an earlier crash from swallowing this one.
  const bytes = Buffer.from(`\n${lines.map((line) => `${JSON.stringify(line)}\n`).join("")}`);
  try {
    const file = await open(path, "a", 0o600);
    try {
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten !== bytes.length)
        throw new Error(`only ${bytesWritten} of ${bytes.length} bytes fit on the disk`);
      await file.datasync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new HarnessError("internal", `cannot write the undo journal ${path}`, { path }, error);
  }
}

/** Changes not taken back yet, newest first. */
export async function outstanding(path: string): Promise<Outstanding[]> {
  return outstandingIn(await readFile(path, "utf8"));
}

/**
 * Gives up what is outstanding on machines that will never come back. @returns those changes, newest first
 * @throws HarnessError `internal` when that cannot be written down
 */
export async function giveUp(path: string, machines: ReadonlySet<string>): Promise<Outstanding[]> {
  const given = (await outstanding(path)).filter(({ host }) => machines.has(host));
  if (given.length > 0)
    await appendLines(
      path,
      given.map(({ id }) => ({ op: "given-up", id })),
    );
  return given;
}

/** As `outstanding`, of a journal's text. */
export function outstandingIn(text: string): Outstanding[] {
  const left = new Map<string, Outstanding>();
  let endedWave = -1;
  for (const line of text.split("\n").flatMap(parseLine)) {
    if (line.op === "will") left.set(line.entry.id, { ...line.entry, answered: false, wave: endedWave + 1 });
    else if (line.op === "undone" || line.op === "given-up") left.delete(line.id);
    else {
      const entry = left.get(line.id);
      if (entry === undefined) continue;
      endedWave = Math.max(endedWave, entry.wave);
      left.set(line.id, { ...entry, answered: line.op === "answered" });
    }
  }
  return [...left.values()].reverse();
}

/** Every change that a journal's text tells of, oldest first, taken back or not. */
export const changesIn = (text: string): Entry[] =>
  text.split("\n").flatMap((line) => parseLine(line).flatMap((read) => (read.op === "will" ? [read.entry] : [])));

const OPS: ReadonlySet<unknown> = new Set(["will", "answered", "lost", "undone", "given-up"]);

/** A line torn by a crash promised a change that was never made, so it may be dropped. */
function parseLine(text: string): Line[] {
  if (text === "") return [];
  try {
    const line: unknown = JSON.parse(text);
    return isLine(line) ? [line] : [];
  } catch {
    // Torn, as said above.
    return [];
  }
}

function isLine(value: unknown): value is Line {
  if (typeof value !== "object" || value === null || !("op" in value) || !OPS.has(value.op)) return false;
  return value.op === "will"
    ? "entry" in value && typeof value.entry === "object" && value.entry !== null
    : "id" in value && typeof value.id === "string";
}
