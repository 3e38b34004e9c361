import type { Event, Progress } from "../../lib/model/event.js";
import { caseLine } from "./case-line.js";
import { liveLine } from "./live-line.js";
import { safeText } from "./safe-text.js";

export interface LiveConsoleOptions {
  /** Ids of all cases of the job, in their order. */
  readonly caseIds: readonly string[];
  /** The output is a terminal that a person looks at: a line may be drawn over. */
  readonly isTty: boolean;
  /** Width of the terminal now; undefined where nobody knows, and then there is no live line. */
  readonly columns: () => number | undefined;
  /** A terminal, and NO_COLOR is not set. */
  readonly hasColour: boolean;
  readonly write: (text: string) => void;
}

export interface LiveConsole {
  /** Every event, also those of a job that is resumed. */
  readonly event: (event: Event) => void;
  readonly progress: (progress: Progress) => void;
  /** The job's clock, some times a second: redraws the live line, or in a log says once a minute that it goes on. */
  readonly tick: (monoMs: number) => void;
  /** Takes the live line away; whatever is written afterwards starts on a line of its own. */
  readonly close: () => void;
}

const HEARTBEAT_MS = 60_000;
const TAKE_BACK = "\r\u001b[2K";

/** Shows a job as it goes on: one line a case, and below it on a terminal a line that lives. Reads no clock. */
export function liveConsole(options: LiveConsoleOptions): LiveConsole {
  const { caseIds, isTty, columns, hasColour, write } = options;
  const places = new Map(caseIds.map((id, index) => [id, index + 1]));
  let running: { readonly progress: Progress; readonly startMs: number } | undefined;
  let drawn = "";
  let nowMs = 0;
  let spokeMs = 0;

  const erase = (): void => {
    if (drawn !== "") write(TAKE_BACK);
    drawn = "";
  };
  const say = (line: string): void => {
    erase();
    write(`${line}\n`);
    spokeMs = nowMs;
  };
  const lineNow = (width: number): string => {
    if (running === undefined) return "";
    const { progress, startMs } = running;
    const index = places.get(progress.caseId) ?? 0;
    return liveLine({ ...progress, index, total: caseIds.length, elapsedMs: Math.max(0, nowMs - startMs) }, width);
  };
  const draw = (): void => {
    const line = lineNow(columns() ?? 0);
    if (line === drawn) return;
    erase();
    write(line);
    drawn = line;
  };
  const follow = (event: Event): void => {
    if (event.type === "case-started")
      running = { progress: { caseId: event.caseId, phase: "start" }, startMs: event.monoMs };
    if (event.type === "step-started" && running?.progress.caseId === event.caseId)
      running = { ...running, progress: { caseId: event.caseId, phase: event.step } };
    if (event.type === "case-ended" && running?.progress.caseId === event.result.case.id) running = undefined;
  };

  return {
    event: (event) => {
      nowMs = Math.max(nowMs, event.monoMs);
      follow(event);
      if (event.type === "case-ended") {
        const index = places.get(event.result.case.id) ?? 0;
        say(caseLine(index, caseIds.length, event.result, hasColour));
      }
      if (event.type === "connection-lost")
        say(` connection to ${safeText(event.host)} was lost: ${safeText(event.reason)}`);
    },
    progress: (progress) => {
      if (running?.progress.caseId === progress.caseId) running = { ...running, progress };
    },
    tick: (monoMs) => {
      nowMs = Math.max(nowMs, monoMs);
      if (isTty) draw();
      else if (running !== undefined && nowMs - spokeMs >= HEARTBEAT_MS) say(` ${lineNow(Number.POSITIVE_INFINITY)}`);
    },
    close: erase,
  };
}
