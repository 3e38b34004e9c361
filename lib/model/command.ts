/** One program to run on one host. Always an argument list: a shell string never crosses this line. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Milliseconds after which the program is killed. */
  readonly timeoutMs: number;
  readonly input?: string;
  /** Why, for the record, where it changes something that goes by itself, e.g. with its guest; absent for questions. */
  readonly what?: string;
  /** One of very many alike: it is for the record only where it did not succeed. */
  readonly isPoll?: boolean;
}

/** What the program did. A non-zero exit is a fact here, not an exception. */
export interface CommandResult {
  readonly command: Command;
  readonly host: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds, monotonic clock. */
  readonly durationMs: number;
}

/**
 * A change to a host and the way back, both as data, so that another process can undo it after this one died.
 * `undo` must be harmless when run twice, and when the change never happened.
 */
export interface HostChange {
  /** For people, e.g. `open tcp 49152-49215 in iptables`. */
  readonly what: string;
  readonly apply: Command;
  readonly undo: Command;
}
