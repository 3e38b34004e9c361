import type { ClientChannel } from "ssh2";
import { cappedOutput } from "./capped.js";
import type { Connections } from "./connections.js";
import { opened, orStop } from "./opening.js";
import { bytesTo, linesTo, type Sink } from "./output.js";
import { shellLine } from "./quote.js";
import { hangUp, type OpenProgram, openChannel } from "./ssh-run.js";
import type { BytesOptions, Remote, Running } from "./transport.js";
import { lasting, type Wrapping } from "./wrap.js";

/** Of what a lasting program says to stderr. */
const MAX_STDERR_BYTES = 256 * 1024;
/** After its input has ended, and SIGINT, and SIGKILL two seconds later. */
const STOP_GRACE_MS = 4_000;
/** OpenSSH does not say goodbye before the program has ended, and one that hangs in the kernel does not end. */
const CLOSE_GRACE_MS = 2_000;

/** Starts lasting programs over the connections to one machine. */
export function sshStart(name: string, lines: Connections, wrapping: Wrapping): Pick<Remote, "start" | "startBytes"> {
  const start = async (
    command: Parameters<Remote["start"]>[0],
    sink: Sink,
    { stdin = "lifeline", what = command.file, onErrorLine, ...opening }: BytesOptions = {},
  ): Promise<Running> => {
    const [file = "", ...args] = lasting(command, stdin, wrapping);
    const channelOpen = openChannel(lines, shellLine(file, args));
    const giveUp = (): Promise<void> => channelOpen.then(hangUp, () => undefined);
    const program = await opened(channelOpen, { host: name, what: `${what} to start`, giveUp }, opening);
    const { channel } = program;
    const ended = follow(program, sink, onErrorLine);
    return { write: (text) => void channel.write(text), ended, stop: () => stop(channel, ended, stdin === "program") };
  };
  return {
    start: (command, onLine, options) => start(command, linesTo(onLine), options),
    startBytes: (command, onData, options) => start(command, bytesTo(onData), options),
  };
}

async function follow(
  { channel, exit }: OpenProgram,
  sink: Sink,
  onErrorLine?: (line: string) => void,
): Running["ended"] {
  const { done } = sink(channel);
  const stderr = cappedOutput(MAX_STDERR_BYTES);
  channel.stderr.on("data", stderr.push);
  if (onErrorLine !== undefined) linesTo(onErrorLine)(channel.stderr);
  const { exitCode, bySignal } = await exit;
  await done;
  return { ...(exitCode === undefined || bySignal ? {} : { exitCode }), stderr: stderr.text() };
}

export async function stop(
  channel: Pick<ClientChannel, "signal" | "close" | "end">,
  ended: Promise<unknown>,
  withSignal: boolean,
  graceMs = STOP_GRACE_MS,
): Promise<void> {
  const kill = setTimeout(() => {
    channel.signal("KILL");
    channel.close();
  }, graceMs);
  channel.end();
  if (withSignal) channel.signal("INT");
  await orStop(ended, { ms: graceMs + CLOSE_GRACE_MS }, () => undefined).catch(() => undefined);
  clearTimeout(kill);
}
