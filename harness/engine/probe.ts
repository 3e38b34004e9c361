import type { Silence } from "../../lib/model/migration.js";
import { type Pinger, parsePingLine, pingStream } from "../../lib/net/ping.js";
import { closeMeter, openMeter, type SilenceMeter, silenceOf, takePing } from "../../lib/net/silence.js";
import type { Opening } from "../../lib/transport/opening.js";
import type { Remote } from "../../lib/transport/transport.js";

const INTERVAL_MS = 10;
/** Beyond the longest silence that is allowed, so that a guest that comes back late is told from one that does not. */
const PATIENCE_MS = 10_000;
/** ping stamps microseconds: the answer that is there already is before the end, the next one behind it. */
const JUST_AFTER_MS = 0.0005;

/** Pings one guest from outside for the time of one migration. */
export interface Probe {
  /** Whether it answers within that time from now on: waits for the next answer, at 10 ms each. */
  readonly answers: (withinMs: number) => Promise<boolean>;
  /** From now on silence counts. */
  readonly begin: () => void;
  /** Until now silence counts; waits for the next answer, then stops. */
  readonly finish: (limitMs: number) => Promise<Silence | undefined>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts pinging. Times are those that ping itself prints, so the way to the observer does not matter; a window opens
 * and closes at the last answer that had come in at that moment.
 * @throws HarnessError `unreachable`, also when the observer does not begin in time; the reason of the signal
 */
export async function startProbe(
  observer: Remote,
  pinger: Pinger,
  address: string,
  opening: Opening = {},
): Promise<Probe> {
  let lastMs: number | undefined;
  let meter: SilenceMeter | undefined;
  let onAnswer: (() => void) | undefined;
  const onLine = (text: string): void => {
    const line = parsePingLine(text);
    if (line === undefined) return;
    if (meter !== undefined) meter = takePing(meter, line);
    if (line.kind !== "answer" || line.duplicate) return;
    lastMs = line.atMs;
    onAnswer?.();
  };
  const command = pingStream(pinger, address, INTERVAL_MS);
  const running = await observer.start(command, onLine, { what: `ping ${address}`, ...opening });

  let isOver = false;
  void running.ended.then(() => {
    isOver = true;
  });

  const nextAnswer = (withinMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => done(false), withinMs);
      const done = (answered: boolean): void => {
        clearTimeout(timer);
        onAnswer = undefined;
        resolve(answered);
      };
      onAnswer = () => done(true);
      void running.ended.then(() => done(false));
    });

  return {
    answers: nextAnswer,
    begin: () => {
      if (lastMs !== undefined) meter = openMeter(lastMs, INTERVAL_MS, lastMs);
    },
    finish: async (limitMs) => {
      if (meter === undefined || lastMs === undefined) {
        await running.stop();
        return undefined;
      }
      const endMs = lastMs + JUST_AFTER_MS;
      const closedAt = performance.now();
      meter = closeMeter(meter, endMs);
      await nextAnswer(limitMs + PATIENCE_MS);
      // Nobody watched any more: that says nothing about the guest.
      if (isOver && !meter.answeredAfter) return undefined;
      const silence = silenceOf(meter, endMs + performance.now() - closedAt);
      // Its end is not waited for: that would hold up the leg, and it goes with the connection at the latest.
      void running.stop().catch(() => undefined);
      return silence;
    },
    stop: running.stop,
  };
}
