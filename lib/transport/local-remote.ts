import { once } from "node:events";
import { connect } from "node:net";
import { HarnessError } from "../errors.js";
import { cappedOutput } from "./capped.js";
import { localRun, spawnLocal } from "./local.js";
import { bytesTo, linesTo, type Sink } from "./output.js";
import type { BytesOptions, Remote, Run, Running } from "./transport.js";
import { ANSWER_GRACE_MS, bounded, lasting, ranOver, type Wrapping } from "./wrap.js";

const STOP_GRACE_MS = 4_000;

/**
 * This machine, as if it were a remote one: commands end by themselves when the runner dies, programs with it. Neither is
 * in the runner's process group, where Ctrl-C would end them before the runner could put anything back.
 */
export const openLocal = (name: string, become: Wrapping["become"] = "none"): Remote => ({
  name,
  run: localCommands(name, { become, remoteTimeout: true }),
  start: (command, onLine, options) => startLocal(become, command, linesTo(onLine), options),
  startBytes: (command, onData, options) => startLocal(become, command, bytesTo(onData), options),
  forward: async (address, port) => {
    const socket = connect({ host: address, port });
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      throw new HarnessError("unreachable", `${name}: no connection from there to ${address}:${port}`, {}, error);
    }
  },
  onDrop: () => () => undefined,
  close: async () => undefined,
});

/** The limit is kept by `timeout`, which outlives the runner; ours comes only when that brings no answer. */
const localCommands =
  (name: string, wrapping: Wrapping): Run =>
  async (command, signal) => {
    const run = localRun(name, { argv: bounded(command, wrapping), detached: true });
    const result = await run({ ...command, timeoutMs: command.timeoutMs + ANSWER_GRACE_MS }, signal);
    if (ranOver(result.exitCode, result.durationMs, command))
      throw new HarnessError("deadline", `${name}: ${command.file} ran past ${command.timeoutMs} ms`, { command });
    return { ...result, command };
  };

async function startLocal(
  become: Wrapping["become"],
  command: Parameters<Remote["start"]>[0],
  sink: Sink,
  { stdin = "lifeline", onErrorLine }: BytesOptions = {},
): Promise<Running> {
  const program = spawnLocal(lasting(command, stdin, { become, remoteTimeout: true }));
  const { done } = sink(program.stdout);
  const stderr = cappedOutput(256 * 1024);
  program.stderr.on("data", stderr.push);
  if (onErrorLine !== undefined) linesTo(onErrorLine)(program.stderr);
  // A write that fails because the program has ended says nothing that its end does not say.
  program.stdin.on("error", () => undefined);
  const ended = program.then(async ({ exitCode }) => {
    await done;
    return { ...(exitCode === undefined ? {} : { exitCode }), stderr: stderr.text() };
  });
  // What runs as root is not ours to signal: the end of its input ends it.
  const signal = (name: NodeJS.Signals): boolean => become === "none" && program.kill(name);
  return {
    write: (text) => void program.stdin.write(text),
    ended,
    stop: async () => {
      const timer = setTimeout(() => signal("SIGKILL"), STOP_GRACE_MS);
      program.stdin.end();
      if (stdin === "program") signal("SIGINT");
      await ended;
      clearTimeout(timer);
    },
  };
}
