import { closeSync, fsyncSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { messageOf } from "../errors.js";
import type { Event, NewEvent } from "../model/event.js";
import { fileLines } from "./file-lines.js";

export interface EventLog {
  /** Stamps and stores an event, then tells the listeners. Never throws. */
  readonly emit: (event: NewEvent) => void;
  /** Milliseconds since the job started, monotonic; goes on where a resumed job had stopped. */
  readonly nowMs: () => number;
  /** @returns the way to stop listening */
  readonly listen: (listener: (event: Event) => void) => () => void;
  readonly close: () => void;
}

/**
 * The job's memory, one line an event. Written synchronously, so that what was emitted survives the end of the runner.
 * @param onProblem told once of each kind: that it can no longer be written, that a listener threw
 */
export function openEventLog(path: string, onProblem: (problem: string) => void): EventLog {
  const { offsetMs, isTorn } = endOf(path);
  const startMs = performance.now();
  const file = openSync(path, "a");
  const listeners = new Set<(event: Event) => void>();
  const told = new Set<string>();
  let torn = isTorn;
  let closed = false;

  const nowMs = (): number => offsetMs + performance.now() - startMs;
  const report = (what: string, error: unknown): void => {
    if (told.has(what)) return;
    told.add(what);
    onProblem(`${what}: ${messageOf(error)}`);
  };
  const store = (event: Event): void => {
    // Behind a line that was cut off, a newline keeps it from swallowing this one.
    const bytes = Buffer.from(`${torn ? "\n" : ""}${JSON.stringify(event)}\n`);
    try {
      torn = true;
      const writtenBytes = writeSync(file, bytes);
      if (writtenBytes !== bytes.length)
        throw new Error(`only ${writtenBytes} of ${bytes.length} bytes fit on the disk`);
      torn = false;
    } catch (error) {
      report(`cannot write ${path}`, error);
    }
  };
  return {
    nowMs,
    emit: (event) => {
      const stamped: Event = { ...event, at: new Date().toISOString(), monoMs: nowMs() };
      if (!closed) store(stamped);
      for (const listener of listeners)
        try {
          listener(stamped);
        } catch (error) {
          report("a listener of the event log threw", error);
        }
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      if (closed) return;
      closed = true;
      try {
        fsyncSync(file);
      } catch (error) {
        report(`cannot write ${path}`, error);
      }
      closeSync(file);
    },
  };
}

/** Of a log; far more than its longest line. */
const TAIL_BYTES = 4 * 2 ** 20;

/** Where a log that is there already ends. Its times only grow, and the log of a week is larger than a string can be. */
function endOf(path: string): { readonly offsetMs: number; readonly isTorn: boolean } {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return { offsetMs: 0, isTorn: false };
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const file = openSync(path, "r");
  try {
    readSync(file, tail, 0, tail.length, size - tail.length);
  } finally {
    closeSync(file);
  }
  const text = tail.toString("utf8");
  const offsetMs = parseEvents(text).reduce((max, { monoMs }) => Math.max(max, monoMs), 0);
  return { offsetMs, isTorn: !text.endsWith("\n") };
}

/** All events of a job; a job that has none yet has no file. A line torn by a crash is passed over. */
export async function readEvents(path: string): Promise<Event[]> {
  const events: Event[] = [];
  const shared = sharing();
  for await (const line of fileLines(path)) events.push(...parseEvents(line).map(shared));
  return events;
}

const LONG_CHARS = 100;
const MOST_SHARED = 20_000;

/** Most of a large log are scripts that every case runs: each is kept once. */
function sharing(): (event: Event) => Event {
  const known = new Map<string, string>();
  const once = (text: string): string => {
    if (typeof text !== "string" || text.length < LONG_CHARS) return text;
    const first = known.get(text);
    if (first === undefined && known.size < MOST_SHARED) known.set(text, text);
    return first ?? text;
  };
  return (event) =>
    event.type === "command" && Array.isArray(event.command?.argv)
      ? { ...event, command: { ...event.command, argv: event.command.argv.map(once) } }
      : event;
}

/** The same without the commands, line by line: the log of a night is tens of megabytes, and nine lines of ten are those. */
export async function eventsWithoutCommands(path: string): Promise<Event[]> {
  const events: Event[] = [];
  for await (const line of fileLines(path))
    if (!line.startsWith('{"type":"command"')) events.push(...parseEvents(line));
  return events;
}

export const parseEvents = (text: string): Event[] =>
  text.split("\n").flatMap((line) => {
    if (line === "") return [];
    try {
      const event: unknown = JSON.parse(line);
      return isEvent(event) ? [event] : [];
    } catch {
      // Torn by a crash: what it told was never acknowledged.
      return [];
    }
  });

const isEvent = (value: unknown): value is Event =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as Partial<Event>).type === "string" &&
  typeof (value as Partial<Event>).monoMs === "number";
