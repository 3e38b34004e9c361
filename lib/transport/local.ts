import { performance } from "node:perf_hooks";
import { execa } from "execa";
import { HarnessError } from "../errors.js";
import type { Run } from "./transport.js";

/** Output of one command beyond this many bytes is cut: nothing a host prints may fill the runner's memory. */
const MAX_OUTPUT_BYTES = 16 * 2 ** 20;

/** Runs commands on this machine, as the user that runs the harness. */
export const localRun =
  (host: string): Run =>
  async (command, signal) => {
    const { file, args, timeoutMs, input = "" } = command;
    const startedMs = performance.now();
    const result = await execa(file, args, {
      input,
      timeout: timeoutMs,
      reject: false,
      stripFinalNewline: false,
      maxBuffer: MAX_OUTPUT_BYTES,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    if (result.timedOut) throw new HarnessError("deadline", `${host}: ${file} ran past ${timeoutMs} ms`, { command });
    if (result.exitCode === undefined && !result.isMaxBuffer)
      throw new HarnessError("unreachable", `${host}: cannot run ${file}: ${result.shortMessage ?? "killed"}`, {
        command,
      });
    return {
      command,
      host,
      exitCode: result.exitCode ?? -1,
      stdout: result.stdout,
      stderr: result.stderr,
      durationMs: performance.now() - startedMs,
    };
  };
