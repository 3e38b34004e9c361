import type { ClientChannel } from "ssh2";
import { cappedOutput } from "./capped.js";
import type { Connections } from "./connections.js";
import { splitLines } from "./lines.js";
import { opened, orStop } from "./opening.js";
import { shellLine } from "./quote.js";
import { hangUp, type OpenProgram, openChannel } from "./ssh-run.js";
import type { Remote, Running } from "./transport.js";
import { lasting, type Wrapping } from "./wrap.js";

/** Of what a lasting program says to stderr. */
const MAX_STDERR_BYTES = 256 * 1024;
/** After its input has ended, and SIGINT, and SIGKILL two seconds later. */
const STOP_GRACE_MS = 4_000;
/** OpenSSH does not say goodbye before the program has ended, and one that hangs in the kernel does not end. */
const CLOSE_GRACE_MS = 2_000;

/** Starts lasting programs over the connections to one machine. */
export const sshStart =
  (name: string, lines: Connections, wrapping: Wrapping): Remote["start"] =>
  async (command, onLine, { stdin = "lifeline", what = command.file, ...opening } = {}) => {
    const [file = "", ...args] = lasting(command, stdin, wrapping);
    const channelOpen = openChannel(lines, shellLine(file, args));
    const giveUp = (): Promise<void> => channelOpen.then(hangUp, () => undefined);
    const program = await opened(channelOpen, { host: name, what: `${what} to start`, giveUp }, opening);
    const { channel } = program;
    const ended = follow(program, onLine);
    return { write: (text) => void channel.write(text), ended, stop: () => stop(channel, ended, stdin === "program") };
  };

async function follow({ channel, exit }: OpenProgram, onLine: (line: string) => void): Running["ended"] {
  const stdout = splitLines(onLine);
  const stderr = cappedOutput(MAX_STDERR_BYTES);
  channel.on("data", stdout.push);
  channel.stderr.on("data", stderr.push);
  const { exitCode, bySignal } = await exit;
  stdout.end();
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
