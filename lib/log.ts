import { once } from "node:events";
import { statSync } from "node:fs";
import { createLogger, format, transports } from "winston";
import { redact } from "./redact.js";

export { redact, registerSecret } from "./redact.js";

/** For whoever has to find out why. Nothing that must last goes here: winston loses lines when the process is killed. */
export interface JobLog {
  readonly debug: (message: string) => void;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  /** Resolves when everything is in the file. */
  readonly close: () => Promise<void>;
}

/** A stress matrix writes 60 KiB a case; a thousand of them still fit. */
const MAX_BYTES = 64 * 2 ** 20;

/**
 * The debug log of one job. Registered secrets are blotted out at this one door. A log that is full says so and ends: all of it
 * stands in the event log too.
 */
export function createJobLog(path: string, maxBytes = MAX_BYTES): JobLog {
  const file = new transports.File({ filename: path, options: { flags: "a", mode: 0o600 } });
  const logger = createLogger({
    level: "debug",
    format: format.combine(
      format.timestamp(),
      format.printf(({ timestamp, level, message }) => redact(`${String(timestamp)} ${level} ${String(message)}`)),
    ),
    transports: [file],
  });
  // A full disk costs the debug log and nothing else.
  file.on("error", () => undefined);
  logger.on("error", () => undefined);
  let closing: Promise<void> | undefined;
  let leftBytes = maxBytes - (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  const write = (level: "debug" | "info" | "warn", message: string): void => {
    if (leftBytes <= 0) return;
    leftBytes -= Buffer.byteLength(message) + STAMP_BYTES;
    if (leftBytes > 0) logger.log(level, message);
    else logger.warn(`this log ends here, at ${maxBytes} bytes: what follows stands in events.ndjson only`);
  };
  return {
    debug: (message) => write("debug", message),
    info: (message) => write("info", message),
    warn: (message) => write("warn", message),
    close: () => {
      closing ??= finish(logger, file);
      return closing;
    },
  };
}

/** Time, level and line end. */
const STAMP_BYTES = 32;

/** A log that cannot be written any more must not keep the runner from leaving. */
async function finish(logger: { end: () => unknown }, file: NodeJS.EventEmitter): Promise<void> {
  const done = once(file, "finish", { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  logger.end();
  await done;
}
