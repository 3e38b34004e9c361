import type { Duplex } from "node:stream";
import type { Command, CommandResult } from "../model/command.js";
import type { Opening } from "./opening.js";

/**
 * Runs commands on one machine: this one, or one behind ssh. Both look the same from above. A non-zero exit is a result.
 *
 * @throws HarnessError `unreachable` when the machine cannot be spoken to, `deadline` when `timeoutMs` passed. Either way
 *   the program may already have taken effect: ask the machine, do not assume.
 */
export type Run = (command: Command, signal?: AbortSignal) => Promise<CommandResult>;

/** A program that runs on a machine for a while, e.g. `ping`, `virsh event --loop`. */
export interface Running {
  /** Writes to its standard input; only with `stdin: "program"` does the program see it. */
  readonly write: (text: string) => void;
  /** Ends it, as `StartOptions` says, and waits for the end, some seconds at most. Harmless when it ended already. */
  readonly stop: () => Promise<void>;
  /**
   * Resolves when it has ended, also after `stop`.
   * `exitCode` is absent when the answer was lost (the connection broke) or a signal ended it.
   */
  readonly ended: Promise<{ readonly exitCode?: number; readonly stderr: string }>;
}

/** What a lasting program gets as its standard input, and how its start is waited for. */
export interface StartOptions extends Opening {
  /**
   * `lifeline` (default): nothing to read; the program is ended when the connection dies, the runner dies, or `stop` is
   * called: SIGINT, and SIGKILL two seconds later. `program`: what is written; the program must end by itself when its
   * input does.
   */
  readonly stdin?: "lifeline" | "program";
  /** What is started, for the message when it does not begin; default: the file. */
  readonly what?: string;
}

/** What the bytes of a program are wanted for, besides its start. */
export interface BytesOptions extends StartOptions {
  /** Gets its standard error line by line, as it comes. */
  readonly onErrorLine?: (line: string) => void;
}

/** A machine that can be spoken to: a host, the storage machine, the observer, a guest. */
export interface Remote {
  readonly name: string;
  readonly run: Run;
  /**
   * Starts a program; `onLine` gets its output line by line (a line is cut at 64 KiB), in order. No deadline, once it runs.
   * @throws HarnessError `unreachable`, also when the machine does not begin within `openingMs`; the reason of the signal
   */
  readonly start: (
    command: Omit<Command, "timeoutMs" | "input">,
    onLine: (line: string) => void,
    options?: StartOptions,
  ) => Promise<Running>;
  /**
   * As `start`, with the output as the bytes that they are, in order. While the promise of `onData` is pending nothing
   * more is read: a program that writes faster is held up at its next write, after 2 MiB over ssh and 128 KiB here.
   * `onData` must not reject. `ended` resolves once it has taken everything.
   * @throws HarnessError as `start`
   */
  readonly startBytes: (
    command: Omit<Command, "timeoutMs" | "input">,
    onData: (chunk: Buffer) => void | Promise<void>,
    options?: BytesOptions,
  ) => Promise<Running>;
  /** Opens a TCP connection as seen from that machine. */
  readonly forward: (address: string, port: number) => Promise<Duplex>;
  /** Called each time the connection is found lost, with the reason. Returns the way to stop listening. */
  readonly onDrop: (listener: (reason: string) => void) => () => void;
  readonly close: () => Promise<void>;
}
