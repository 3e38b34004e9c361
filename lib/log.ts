import { once } from "node:events";
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

/** The debug log of one job. Registered secrets are blotted out at this one door. */
export function createJobLog(path: string): JobLog {
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
  return {
    debug: (message) => void logger.debug(message),
    info: (message) => void logger.info(message),
    warn: (message) => void logger.warn(message),
    close: () => {
      closing ??= finish(logger, file);
      return closing;
    },
  };
}

/** A log that cannot be written any more must not keep the runner from leaving. */
async function finish(logger: { end: () => unknown }, file: NodeJS.EventEmitter): Promise<void> {
  const done = once(file, "finish", { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  logger.end();
  await done;
}
