import { constants } from "node:os";
import { performance } from "node:perf_hooks";
import { execa } from "execa";
import { HarnessError } from "../errors.js";
import { cappedOutput } from "./capped.js";
import type { Run } from "./transport.js";

/** A program of this machine with its three streams open, out of the terminal's reach: the raw form, for `openLocal`. */
export const spawnLocal = ([file = "", ...args]: readonly string[]) =>
  execa(file, args, { reject: false, buffer: false, stdin: "pipe", cleanup: false, detached: true });

export interface LocalOptions {
  /** The argument list to run in place of the command's own. */
  readonly argv?: readonly string[];
  /** Ctrl-C in the terminal does not reach it: whoever runs it ends it in order, or it ends by itself. */
  readonly detached?: boolean;
}

/** Runs commands on this machine, as the user that runs the harness. */
export const localRun =
  (host: string, { argv, detached = false }: LocalOptions = {}): Run =>
  async (command, signal) => {
    signal?.throwIfAborted();
    const [file = "", ...args] = argv ?? [command.file, ...command.args];
    const startedMs = performance.now();
    const stdout = cappedOutput();
    const stderr = cappedOutput();
    const program = execa(file, args, {
      input: command.input ?? "",
      timeout: command.timeoutMs,
      reject: false,
      buffer: false,
      detached,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    program.stdout.on("data", stdout.push);
    program.stderr.on("data", stderr.push);
    const result = await program;
    signal?.throwIfAborted();
    if (result.timedOut)
      throw new HarnessError("deadline", `${host}: ${command.file} ran past ${command.timeoutMs} ms`, { command });
    const exitCode = result.exitCode ?? signalExit(result.signal);
    if (exitCode === undefined)
      throw new HarnessError("unreachable", `${host}: cannot run ${command.file}: ${result.shortMessage ?? "killed"}`, {
        command,
      });
    return {
      command,
      host,
      exitCode,
      stdout: stdout.text(),
      stderr: stderr.text(),
      durationMs: performance.now() - startedMs,
    };
  };

/** As shells do: 128 and the number of the signal that ended the program. */
const signalExit = (signal: NodeJS.Signals | undefined): number | undefined =>
  signal === undefined ? undefined : 128 + constants.signals[signal];
