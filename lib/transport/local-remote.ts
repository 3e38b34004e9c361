import { once } from "node:events";
import { connect } from "node:net";
import { HarnessError } from "../errors.js";
import { cappedOutput } from "./capped.js";
import { splitLines } from "./lines.js";
import { localRun, spawnLocal } from "./local.js";
import type { Remote, Run } from "./transport.js";
import { ANSWER_GRACE_MS, bounded, lasting, ranOver, type Wrapping } from "./wrap.js";

const STOP_GRACE_MS = 4_000;

/**
 * This machine, as if it were a remote one: commands end by themselves when the runner dies, programs with it. Neither is
 * in the runner's process group, where Ctrl-C would end them before the runner could put anything back.
 */
export const openLocal = (name: string, become: Wrapping["become"] = "none"): Remote => ({
  name,
  run: localCommands(name, { become, remoteTimeout: true }),
  start: startLocal({ become, remoteTimeout: true }),
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

const startLocal =
  (wrapping: Wrapping): Remote["start"] =>
  async (command, onLine, { stdin = "lifeline" } = {}) => {
    const program = spawnLocal(lasting(command, stdin, wrapping));
    const lines = splitLines(onLine);
    const stderr = cappedOutput(256 * 1024);
    program.stdout.on("data", lines.push);
    program.stderr.on("data", stderr.push);
    // A write that fails because the program has ended says nothing that its end does not say.
    program.stdin.on("error", () => undefined);
    const ended = program.then(({ exitCode }) => {
      lines.end();
      return { ...(exitCode === undefined ? {} : { exitCode }), stderr: stderr.text() };
    });
    // What runs as root is not ours to signal: the end of its input ends it.
    const signal = (name: NodeJS.Signals): boolean => wrapping.become === "none" && program.kill(name);
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
  };
