import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { messageOf } from "../errors.js";
import type { Event, NewEvent } from "../model/event.js";

export interface EventLog {
  /** Stamps and stores an event, then tells the listeners. Never throws. */
  readonly emit: (event: NewEvent) => void;
  /** Milliseconds since the job started, monotonic; goes on where a resumed job had stopped. */
  readonly nowMs: () => number;
  readonly listen: (listener: (event: Event) => void) => void;
  readonly close: () => void;
}

/**
 * The job's memory, one line an event. Written synchronously, so that what was emitted survives the end of the runner.
 * @param onProblem told once when it can no longer be written
 */
export function openEventLog(path: string, onProblem: (problem: string) => void): EventLog {
  const offsetMs = lastMs(path);
  const startMs = performance.now();
  const file = openSync(path, "a");
  const listeners: ((event: Event) => void)[] = [];
  let broken = false;
  let closed = false;
  const nowMs = (): number => offsetMs + performance.now() - startMs;
  return {
    nowMs,
    emit: (event) => {
      const stamped: Event = { ...event, at: new Date().toISOString(), monoMs: nowMs() };
      const bytes = Buffer.from(`${JSON.stringify(stamped)}\n`);
      try {
        if (!closed && !broken && writeSync(file, bytes) !== bytes.length) throw new Error("the disk is full");
      } catch (error) {
        broken = true;
        onProblem(messageOf(error));
      }
      for (const listener of listeners) listener(stamped);
    },
    listen: (listener) => {
      listeners.push(listener);
    },
    close: () => {
      if (closed) return;
      closed = true;
      fsyncSync(file);
      closeSync(file);
    },
  };
}

function lastMs(path: string): number {
  try {
    return parseEvents(readFileSync(path, "utf8")).at(-1)?.monoMs ?? 0;
  } catch {
    // No file yet: the job begins.
    return 0;
  }
}

/** All events of a job; a job that has none yet has no file. A line torn by a crash is passed over. */
export async function readEvents(path: string): Promise<Event[]> {
  return parseEvents(await readFile(path, "utf8").catch(() => ""));
}

export const parseEvents = (text: string): Event[] =>
  text.split("\n").flatMap((line) => {
    if (line === "") return [];
    try {
      return [JSON.parse(line) as Event];
    } catch {
      // Torn by a crash: what it told was never acknowledged.
      return [];
    }
  });
