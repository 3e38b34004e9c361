import { keptInput } from "../../lib/kept-input.js";
import type { Command, CommandResult } from "../../lib/model/command.js";
import type { CommandRecord } from "../../lib/model/result.js";
import type { Remote, Run, Running } from "../../lib/transport/transport.js";

const STDERR_KEPT = 2000;

/** As `run`, for what is asked again and again: a case of an hour would be told of little else. */
export const asPoll =
  (run: Run): Run =>
  (command, signal) =>
    run({ ...command, isPoll: true }, signal);

/** A remote whose every command is told to `record`, with its outcome, once it is over; of polls those that did not succeed. */
export const recorded = (remote: Remote, nowMs: () => number, record: (command: CommandRecord) => void): Remote => {
  const startedAs = async (
    { file, args }: Pick<Command, "file" | "args">,
    start: () => Promise<Running>,
  ): Promise<Running> => {
    const startMs = nowMs();
    const running = await start();
    void running.ended.then(({ exitCode, stderr }) =>
      record({
        host: remote.name,
        argv: [file, ...args],
        ...(exitCode === undefined ? {} : { exitCode }),
        ...lastOf(stderr),
        startMs,
        durationMs: nowMs() - startMs,
      }),
    );
    return running;
  };
  return {
    ...remote,
    run: recordedRun(remote, nowMs, record),
    start: (command, onLine, options) => startedAs(command, () => remote.start(command, onLine, options)),
    startBytes: (command, onData, options) => startedAs(command, () => remote.startBytes(command, onData, options)),
  };
};

const recordedRun =
  (remote: Remote, nowMs: () => number, record: (command: CommandRecord) => void): Run =>
  async (command, signal) => {
    const startMs = nowMs();
    const tell = (result?: CommandResult): void => {
      if (command.isPoll && result?.exitCode === 0) return;
      record(recordOf(remote.name, command, startMs, nowMs(), result));
    };
    try {
      const result = await remote.run(command, signal);
      tell(result);
      return result;
    } catch (error) {
      tell();
      throw error;
    }
  };

const recordOf = (
  host: string,
  command: Command,
  startMs: number,
  endMs: number,
  result?: CommandResult,
): CommandRecord => ({
  host,
  argv: [command.file, ...command.args],
  ...(command.what === undefined ? {} : { what: command.what }),
  ...keptInput(command),
  ...(result === undefined ? {} : { exitCode: result.exitCode, ...lastOf(result.stderr) }),
  startMs,
  durationMs: endMs - startMs,
});

const lastOf = (stderr: string): { readonly stderr?: string } =>
  stderr.trim() === "" ? {} : { stderr: stderr.slice(-STDERR_KEPT) };
