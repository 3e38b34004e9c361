import { constants } from "node:os";
import { performance } from "node:perf_hooks";
import type { Client, ClientChannel } from "ssh2";
import { HarnessError } from "../errors.js";
import type { Command } from "../model/command.js";
import { cappedOutput } from "./capped.js";
import type { Connections } from "./connections.js";
import { orStop } from "./opening.js";
import { shellLine } from "./quote.js";
import type { Run } from "./transport.js";
import { ANSWER_GRACE_MS, bounded, ranOver, type Wrapping } from "./wrap.js";

/** Runs commands over the connections to one machine. A command is sent once; what was lost is not sent again. */
export const sshRun =
  (name: string, lines: Connections, wrapping: Wrapping): Run =>
  async (command, signal) => {
    signal?.throwIfAborted();
    const startedMs = performance.now();
    const [file = "", ...args] = bounded(command, wrapping);
    const opened = openChannel(lines, shellLine(file, args));
    const program = await orStop(opened, { ms: command.timeoutMs, signal }, () => {
      void opened.then(hangUp, () => undefined);
      return stopped(name, command, signal);
    });
    const output = collect(program, command.input);
    const { exitCode, stdout, stderr } = await orStop(output, { ms: answerMs(command, wrapping), signal }, () => {
      hangUp(program);
      return stopped(name, command, signal);
    });
    const durationMs = performance.now() - startedMs;
    if (exitCode === undefined)
      throw new HarnessError("unreachable", `${name}: connection lost during ${command.file}`, { command });
    if (wrapping.remoteTimeout && ranOver(exitCode, durationMs, command)) throw deadline(name, command);
    return { command, host: name, exitCode, stdout, stderr, durationMs };
  };

/** Where the machine itself ends the command, its word is awaited: after it nothing is in flight any more. */
const answerMs = ({ timeoutMs }: Command, { remoteTimeout }: Wrapping): number =>
  timeoutMs + (remoteTimeout ? ANSWER_GRACE_MS : 0);

const deadline = (name: string, command: Command): HarnessError =>
  new HarnessError("deadline", `${name}: ${command.file} ran past ${command.timeoutMs} ms`, { command });

const stopped = (name: string, command: Command, signal: AbortSignal | undefined): unknown =>
  signal?.aborted ? signal.reason : deadline(name, command);

/** Only a server that knows the request ends the program at once; otherwise its own limit does. */
export function hangUp({ channel }: OpenProgram): void {
  channel.resume();
  channel.stderr.resume();
  channel.signal("TERM");
  channel.close();
}

export interface OpenProgram {
  readonly channel: ClientChannel;
  /** `exitCode` is 128 + the signal's number when a signal ended it, and absent when nobody said how it ended. */
  readonly exit: Promise<{ readonly exitCode: number | undefined; readonly bySignal: boolean }>;
}

/** Starts the line on a connection with room for it. Until the server has closed the channel it counts as a session. */
export async function openChannel(lines: Connections, line: string): Promise<OpenProgram> {
  const { value: program, release } = await lines.channel((client) => open(client, line));
  void program.exit.then(release);
  return program;
}

/** The end of a quick program can arrive together with its start: whoever listens must do so at once. */
const open = (client: Client, line: string): Promise<OpenProgram> =>
  new Promise((resolve, reject) => {
    client.exec(line, (error, channel) => {
      if (error === undefined) resolve({ channel, exit: exitOf(channel) });
      else reject(error);
    });
  });

async function collect({ channel, exit }: OpenProgram, input = "") {
  const stdout = cappedOutput();
  const stderr = cappedOutput();
  channel.on("data", stdout.push);
  channel.stderr.on("data", stderr.push);
  channel.end(input);
  return { exitCode: (await exit).exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

const exitOf = (channel: ClientChannel): OpenProgram["exit"] =>
  new Promise((resolve) => {
    let exitCode: number | undefined;
    let bySignal = false;
    channel.on("exit", (code: number | null, signalName?: string) => {
      bySignal = code === null;
      exitCode = code ?? 128 + signalNumber(signalName);
    });
    // A write that fails because the program has ended says nothing that its end does not say.
    channel.on("error", () => undefined);
    channel.on("close", () => resolve({ exitCode, bySignal }));
  });

const signalNumber = (signalName = ""): number =>
  Object.entries(constants.signals).find(([name]) => name === `SIG${signalName.replace(/^SIG/, "")}`)?.[1] ?? 0;
