import type { ClientChannel } from "ssh2";
import { cappedOutput } from "./capped.js";
import type { Connections } from "./connections.js";
import { splitLines } from "./lines.js";
import { shellLine } from "./quote.js";
import { type OpenProgram, openChannel } from "./ssh-run.js";
import type { Remote, Running } from "./transport.js";
import { lasting, type Wrapping } from "./wrap.js";

/** Of what a lasting program says to stderr. */
const MAX_STDERR_BYTES = 256 * 1024;
/** After its input has ended, and SIGINT, and SIGKILL two seconds later. */
const STOP_GRACE_MS = 4_000;

/** Starts lasting programs over the connections to one machine. */
export const sshStart =
  (lines: Connections, wrapping: Wrapping): Remote["start"] =>
  async (command, onLine, { stdin = "lifeline" } = {}) => {
    const [file = "", ...args] = lasting(command, stdin, wrapping);
    const program = await openChannel(lines, shellLine(file, args));
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

async function stop(channel: ClientChannel, ended: Promise<unknown>, withSignal: boolean): Promise<void> {
  const timer = setTimeout(() => {
    channel.signal("KILL");
    channel.close();
  }, STOP_GRACE_MS);
  channel.end();
  if (withSignal) channel.signal("INT");
  await ended;
  clearTimeout(timer);
}
