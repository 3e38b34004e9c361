import type { Silence } from "../model/migration.js";
import type { PingLine } from "./ping.js";

/**
 * What has been seen of one window of a ping stream: running figures, so that a migration of hours takes no more memory
 * than one of a second. All times are the observer's clock, as ping stamps its lines.
 */
export interface SilenceMeter {
  readonly intervalMs: number;
  /** When the window began; absent: from the first answer. */
  readonly startMs: number;
  /** When it ended; absent: it is still open. */
  readonly endMs?: number;
  /** Last answer so far, also one from before the window: a silence may have begun earlier. */
  readonly lastAnswerMs?: number;
  readonly longestMs: number;
  /** Sequence numbers as they grow: ping numbers 1 to 65535 and begins again at 0. */
  readonly firstSequence?: number;
  readonly lastSequence?: number;
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  readonly answeredAfter: boolean;
}

export const openMeter = (startMs: number, intervalMs: number, lastAnswerMs?: number): SilenceMeter => ({
  intervalMs,
  startMs,
  ...(lastAnswerMs === undefined ? {} : { lastAnswerMs }),
  longestMs: 0,
  sent: 0,
  received: 0,
  duplicates: 0,
  answeredAfter: false,
});

/** The window ends here. Lines still have to be taken until `answeredAfter`: the silence lasts until the next answer. */
export const closeMeter = (meter: SilenceMeter, endMs: number): SilenceMeter => ({ ...meter, endMs });

/** Takes one line. A gap counts in full when any part of it lies in the window. */
export function takePing(meter: SilenceMeter, line: PingLine): SilenceMeter {
  if (meter.answeredAfter) return meter;
  const counted = isWithin(meter, line) ? count(meter, line) : meter;
  if (line.kind === "no-answer" || line.duplicate) return counted;
  const { lastAnswerMs, startMs, endMs, longestMs } = counted;
  const after = endMs !== undefined && line.atMs >= endMs;
  if (line.atMs < startMs) return { ...counted, lastAnswerMs: line.atMs };
  return {
    ...counted,
    lastAnswerMs: line.atMs,
    longestMs: Math.max(longestMs, line.atMs - (lastAnswerMs ?? startMs)),
    answeredAfter: after,
  };
}

const isWithin = ({ startMs, endMs }: SilenceMeter, { atMs }: PingLine): boolean =>
  atMs >= startMs && (endMs === undefined || atMs < endMs);

function count(meter: SilenceMeter, line: PingLine): SilenceMeter {
  if (line.kind === "answer" && line.duplicate) return { ...meter, duplicates: meter.duplicates + 1 };
  const received = meter.received + (line.kind === "answer" ? 1 : 0);
  return { ...meter, received, ...sequences(meter, line.sequence) };
}

/** An answer that comes late has a sequence number that was passed before: it was sent once all the same. */
function sequences({ firstSequence, lastSequence, sent }: SilenceMeter, sequence: number): Partial<SilenceMeter> {
  if (firstSequence === undefined || lastSequence === undefined)
    return { firstSequence: sequence, lastSequence: sequence, sent: 1 };
  const step = (sequence - lastSequence + 65_536) % 65_536;
  return step === 0 || step > 32_768 ? {} : { lastSequence: sequence, sent: sent + step };
}

/**
 * The finding. `nowMs` is the observer's clock when listening stopped: a guest that never answered again was silent
 * until then, and longer.
 */
export function silenceOf(meter: SilenceMeter, nowMs: number): Silence {
  const { intervalMs, startMs, lastAnswerMs, sent, received, duplicates, answeredAfter } = meter;
  const open = answeredAfter ? 0 : nowMs - (lastAnswerMs ?? startMs);
  return {
    longestMs: Math.round(Math.max(meter.longestMs, open)),
    intervalMs,
    sent: Math.max(sent, received),
    received,
    duplicates,
    answeredAfter,
  };
}
