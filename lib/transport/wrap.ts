import type { Command } from "../model/command.js";

/** How programs are started on a machine, besides their arguments. */
export interface Wrapping {
  readonly become: "none" | "sudo";
  /** The machine has the `timeout` of coreutils. Busybox had another syntax for years, so guests do without. */
  readonly remoteTimeout: boolean;
}

type Program = Pick<Command, "file" | "args">;

const asRoot = ({ become }: Wrapping): string[] => (become === "sudo" ? ["sudo", "-n", "--"] : []);

/**
 * The program in English, as root where wanted, and bounded on the machine itself: a command whose runner died, or whose
 * connection broke, still ends. SIGTERM when the time is up, SIGKILL `KILL_AFTER_MS` later.
 */
export function bounded({ file, args, timeoutMs }: Command, wrapping: Wrapping): string[] {
  const limit = wrapping.remoteTimeout
    ? ["timeout", "-k", String(KILL_AFTER_MS / 1000), String(Math.max(1, timeoutMs) / 1000)]
    : [];
  return [...asRoot(wrapping), "env", "LC_ALL=C", ...limit, file, ...args];
}

export const KILL_AFTER_MS = 5_000;

/** After the machine's own limit has passed and even SIGKILL did not bring an answer, the answer is not awaited longer. */
export const ANSWER_GRACE_MS = KILL_AFTER_MS + 2_000;

/** `timeout` ended it: its own code, or 128 + SIGKILL. A program may exit so by itself, but not that late. */
export const ranOver = (exitCode: number, durationMs: number, { timeoutMs }: Command): boolean =>
  durationMs >= timeoutMs && (exitCode === 124 || exitCode === 137);

/**
 * The shell becomes the program; a child of it waits for the end of its own input, that is of the connection, and then
 * ends the program. The child looks whether the program is still its parent, for a pid may be somebody else's by then.
 * It is the child that runs in the background, because a program started there would ignore SIGINT.
 */
const LIFELINE = `exec 3<&0 </dev/null
{
  cat >/dev/null
  ours() { read -r _ _ _ parent _ </proc/self/stat && [ "$parent" = "$$" ]; }
  ours || exit 0
  kill -INT "$$"
  sleep 2
  ours && kill -KILL "$$"
} <&3 >/dev/null 2>&1 &
exec 3<&-
exec "$@"`;

/** A lasting program: `lifeline` ends it with its connection, `program` hands it its input and leaves that to it. */
export const lasting = ({ file, args }: Program, stdin: "lifeline" | "program", wrapping: Wrapping): string[] => [
  ...asRoot(wrapping),
  "env",
  "LC_ALL=C",
  ...(stdin === "lifeline" ? ["sh", "-c", LIFELINE, "sh"] : []),
  file,
  ...args,
];
