import { HarnessError, messageOf } from "../errors.js";
import type { Command } from "../model/command.js";
import { until } from "../poll.js";
import { KILL, LAUNCH, LAUNCH_WRAPPER, WAIT } from "./detached-scripts.js";
import { type Opening, opened } from "./opening.js";
import type { Remote, Running, StartOptions } from "./transport.js";

/** A program that must survive a lost connection, e.g. `virsh migrate`. */
export interface DetachedProgram {
  /** Folder on the machine, fresh, e.g. `/run/migstorm/job-ab12cd3/g1-leg1`; made for it, and left there. */
  readonly dir: string;
  readonly argv: readonly string[];
  /** It starts only while the host's lock has this token. */
  readonly token?: string | undefined;
  /** Folder of the lock; default `/run/migstorm`. */
  readonly base?: string | undefined;
}

export type DetachedEnd =
  | { readonly kind: "ended"; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  /** It may run, have run, or never have been started: ask the machine what it did. */
  | { readonly kind: "lost"; readonly reason: string }
  /** There is no trace of it: it was never started, or the machine was started anew since. */
  | { readonly kind: "absent"; readonly reason: string }
  /** The host's lock is no longer ours, so it was not started. */
  | { readonly kind: "refused" };

/** A program that waits at the barrier. */
export interface Detached {
  readonly dir: string;
  /** Lets it start and waits for its end, over lost connections too. Never rejects. To be called once. */
  readonly go: () => Promise<DetachedEnd>;
  /** It is not wanted any more; without effect after `go`. */
  readonly cancel: () => Promise<void>;
}

/** Of stdout and of stderr, from the end. */
const MAX_TAIL_BYTES = 64 * 1024;
const RUN_FOLDER = "/run/migstorm";

/**
 * Brings a program up to the barrier: everything is in place on the machine, and `go` only has to say so.
 * @throws HarnessError `command-failed` when the folder cannot be made, `unreachable`, also when it does not get there in
 *   time; the reason of the signal
 */
export async function spawnDetached(
  remote: Remote,
  program: DetachedProgram,
  opening: Opening = {},
): Promise<Detached> {
  const { dir, argv, token = "", base = RUN_FOLDER } = program;
  const args = [dir, String(MAX_TAIL_BYTES), base, token, LAUNCH_WRAPPER, ...argv];
  const talk = await converse(remote, LAUNCH, args, { stdin: "program", what: argv[0] ?? "", ...opening });
  const waited = { host: remote.name, what: `${argv[0]} to be ready`, giveUp: talk.running.stop };
  if ((await opened(talk.first, waited, opening)) !== "ready") {
    const { stderr } = await opened(talk.running.ended, waited, opening);
    throw new HarnessError("command-failed", `${remote.name}: cannot prepare ${argv[0]}: ${stderr.trim()}`, {
      program,
    });
  }
  return {
    dir,
    go: async () => {
      talk.running.write("go\n");
      const end = await readEnd(talk, 1);
      return end ?? attach(remote, dir);
    },
    cancel: () => talk.running.stop(),
  };
}

/** How long a machine that cannot be spoken to is asked again. */
const PATIENCE = { everyMs: 500, timeoutMs: 120_000 };

/** Waits for a program that was launched before, by us or by a runner that died. Starts nothing. Never rejects. */
export async function attach(remote: Remote, dir: string): Promise<DetachedEnd> {
  for (;;) {
    const talk = await reach(remote, dir);
    if ("kind" in talk) return talk;
    const end = await readEnd(talk, 0);
    if (end !== undefined) return end;
  }
}

async function reach(remote: Remote, dir: string): Promise<Talk | DetachedEnd> {
  let last = "";
  const attempt = (): Promise<Talk | undefined> =>
    converse(remote, WAIT, [dir, String(MAX_TAIL_BYTES)], { stdin: "lifeline" }).catch((error: unknown) => {
      last = messageOf(error);
      return undefined;
    });
  return until(attempt, { ...PATIENCE, what: `${remote.name} to answer`, detail: () => last }).catch(
    (error: unknown): DetachedEnd => ({ kind: "lost", reason: messageOf(error) }),
  );
}

/** Ends a launched program, for an undo: harmless twice, and when it was never launched. */
export const killDetached = (dir: string): Command => ({
  file: "sh",
  args: ["-c", KILL, "sh", dir],
  timeoutMs: 20_000,
});

/** Whether a launched program itself ever began: its output is opened right before it. Exit code 0 when it did, 1 else. */
export const hasBegun = (dir: string): Command => ({ file: "test", args: ["-e", `${dir}/out`], timeoutMs: 20_000 });

interface Talk {
  readonly running: Running;
  readonly lines: readonly string[];
  /** Resolves with the first line, or undefined when there is none. */
  readonly first: Promise<string | undefined>;
}

async function converse(remote: Remote, text: string, args: readonly string[], options: StartOptions): Promise<Talk> {
  const lines: string[] = [];
  let onFirst: (line: string | undefined) => void = () => undefined;
  const first = new Promise<string | undefined>((resolve) => {
    onFirst = resolve;
  });
  const onLine = (line: string): void => {
    lines.push(line);
    onFirst(line);
  };
  const running = await remote.start({ file: "sh", args: ["-c", text, "sh", ...args] }, onLine, options);
  void running.ended.then(() => onFirst(undefined));
  return { running, lines, first };
}

/** What the scripts print after `skip` lines; undefined when the connection broke before it was all there. */
async function readEnd({ running, lines }: Talk, skip: number): Promise<DetachedEnd | undefined> {
  const { exitCode, stderr } = await running.ended;
  if (exitCode === undefined) return undefined;
  const [head = "", ...rest] = lines.slice(skip);
  if (head === "rc refused") return { kind: "refused" };
  if (head === "absent")
    return { kind: "absent", reason: "the machine has no trace of it: it was restarted, or it never began" };
  const code = /^rc (\d+)$/.exec(head)?.[1];
  if (code !== undefined)
    return { kind: "ended", exitCode: Number(code), stdout: rest.map((line) => `${line}\n`).join(""), stderr };
  return { kind: "lost", reason: head === "rc " ? "its wrapper was killed" : stderr.trim() || "it said nothing" };
}
