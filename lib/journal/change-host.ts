import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { HarnessError, messageOf } from "../errors.js";
import { keptInput } from "../kept-input.js";
import { runGuarded } from "../lock/guarded.js";
import type { Command, CommandResult, HostChange } from "../model/command.js";
import type { CommandRecord } from "../model/result.js";
import type { Remote } from "../transport/transport.js";
import { appendLines, type Entry, type Line } from "./journal.js";

export { undoAll } from "./undo.js";

/** Where changes are made and written down. */
export interface ChangeContext {
  /** Path of the journal. */
  readonly journal: string;
  readonly remote: Remote;
  /** Of the lock on that machine; absent where none is taken, e.g. on a guest. */
  readonly token?: string | undefined;
  /** Folder of the lock, where it is not the usual one. */
  readonly base?: string | undefined;
  /** Told of every change with the command as it was meant, not as it was wrapped. */
  readonly onRecord?: ((record: CommandRecord) => void) | undefined;
  /** Milliseconds since the job started, for the records. */
  readonly nowMs?: (() => number) | undefined;
}

/**
 * The only way anything in this project changes a host: how to take it back is on the disk first, then the change is
 * made, if the host's lock is still ours. It takes no abort signal: what has begun is waited for, within its own limit.
 * @throws HarnessError `command-failed`, `host-busy`, `deadline`, `unreachable`, or `internal` (journal not writable)
 */
export const changeHost = (ctx: ChangeContext, change: HostChange): Promise<void> => changeHosts(ctx, [change]);

/** Several changes to one machine at once, none of which needs another: written down together, made in parallel. */
export async function changeHosts(ctx: ChangeContext, changes: readonly HostChange[]): Promise<void> {
  if (changes.length === 0) return;
  const { journal, remote, token } = ctx;
  const entries = changes.map(({ what, apply, undo }): Entry => {
    return { what, apply, undo, id: randomUUID(), host: remote.name, guarded: token !== undefined };
  });
  await appendLines(
    journal,
    entries.map((entry) => ({ op: "will", entry })),
  );
  const outcomes = await Promise.all(entries.map((entry) => applyOne(ctx, entry)));
  await appendLines(
    journal,
    outcomes.map(({ line }) => line),
  );
  const failures = outcomes.flatMap(({ failure }) => failure ?? []);
  if (failures[0] !== undefined)
    throw new HarnessError(failures[0].code, failures.map(messageOf).join("\n"), failures[0].details, failures[0]);
}

interface Outcome {
  readonly line: Line;
  readonly failure?: HarnessError;
}

async function applyOne(ctx: ChangeContext, { id, what, apply }: Entry): Promise<Outcome> {
  try {
    const result = await runOnce(ctx, { id, what, apply });
    const line: Line = { op: "answered", id };
    return result.exitCode === 0 ? { line } : { line, failure: refused(ctx.remote, what, result) };
  } catch (error) {
    const failure =
      error instanceof HarnessError ? error : new HarnessError("internal", messageOf(error), { what }, error);
    return { line: { op: failure.code === "host-busy" ? "answered" : "lost", id }, failure };
  }
}

async function runOnce(
  ctx: ChangeContext,
  { id, what, apply }: Pick<Entry, "id" | "what" | "apply">,
): Promise<CommandResult> {
  const { remote, onRecord, nowMs = () => performance.now() } = ctx;
  const startMs = nowMs();
  const tell = (result?: CommandResult): void =>
    onRecord?.({
      host: remote.name,
      argv: [apply.file, ...apply.args],
      what,
      ...keptInput(apply),
      ...(result === undefined ? {} : { exitCode: result.exitCode, ...lastOf(result.stderr) }),
      startMs,
      durationMs: nowMs() - startMs,
    });
  try {
    const result = await behindFence(ctx, id, apply);
    tell(result);
    return result;
  } catch (error) {
    tell();
    throw error;
  }
}

const lastOf = (stderr: string): { readonly stderr?: string } =>
  stderr.trim() === "" ? {} : { stderr: stderr.slice(-2_000) };

const behindFence = ({ remote, token, base }: ChangeContext, id: string, command: Command): Promise<CommandResult> =>
  token === undefined
    ? remote.run(command)
    : runGuarded(remote, { token, change: id, ...(base === undefined ? {} : { base }) }, command);

const refused = ({ name }: Remote, what: string, result: CommandResult): HarnessError =>
  new HarnessError("command-failed", `${name}: ${what}: ${result.stderr.trim() || `exit code ${result.exitCode}`}`, {
    result,
  });
