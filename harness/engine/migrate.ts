import { messageOf } from "../../lib/errors.js";
import { migrateArgs } from "../../lib/libvirt/migrate-args.js";
import { abortJob } from "../../lib/libvirt/virsh.js";
import type { MigrationOutcome } from "../../lib/model/migration.js";
import type { MigrationOptions } from "../../lib/model/params.js";
import type { Move } from "../../lib/model/plan.js";
import { saidBy } from "../../lib/model/said-by.js";
import { uriWithKey } from "../../lib/prepare/ssh-trust.js";
import { workFolder } from "../../lib/prepare/work-folder.js";
import { type Detached, spawnDetached } from "../../lib/transport/detached.js";
import { migrationLimitMs } from "../plan.js";
import { localDisks } from "../plan-volumes.js";
import { type CaseContext, hostOf } from "./context.js";
import { settle } from "./settle.js";
import { switchAtTimeout } from "./switch-at-timeout.js";

/** After an abort, a migration that has not ended by then is asked about from outside. */
const ABORT_GRACE_MS = 60_000;

/** The exact `virsh migrate` command for one move, as the source host runs it. */
export function migrateCommand(ctx: CaseContext, { guest, from, to }: Move, options: MigrationOptions): string[] {
  const { host: source } = hostOf(ctx, from);
  const { host: target } = hostOf(ctx, to);
  return migrateArgs({
    guest,
    connectUri: source.connectUri,
    peerUri: uriWithKey(target.peerUri, ctx.jobKey),
    ...(target.migrationAddress === undefined ? {} : { migrationAddress: target.migrationAddress }),
    localDisks: localDisks(ctx.plan.guests, guest),
    options,
  });
}

/** Puts the command on the source host, where it waits for its word. It outlives the connection that started it. */
export const startMigration = (
  ctx: CaseContext,
  leg: number,
  move: Move,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<Detached> =>
  spawnDetached(
    hostOf(ctx, move.from).remote,
    { dir: `${workFolder(ctx.jobKey)}/${move.guest}-leg${leg}`, argv, token: ctx.token },
    { signal },
  );

export interface MigrationEnd {
  readonly outcome: MigrationOutcome;
  readonly exitCode?: number;
  readonly error?: string;
}

/**
 * Gives the word and waits for the end. Past the limit, or when the job is stopped, libvirt is told to abort; a lost
 * answer is settled by asking both hosts.
 */
export async function watchMigration(
  ctx: CaseContext,
  move: Move,
  launch: Detached,
  options: MigrationOptions,
  signal: AbortSignal,
): Promise<MigrationEnd> {
  const limitMs = migrationLimitMs(ctx.plan.case.params, [options]);
  const limit = new AbortController();
  const timers = [setTimeout(() => limit.abort(), limitMs)];
  const stop = AbortSignal.any([signal, limit.signal]);
  const { host, remote } = hostOf(ctx, move.from);
  const stopAsking = switchAtTimeout(ctx, move, options);

  let onAbort: () => void = () => undefined;
  const late = new Promise<{ readonly kind: "lost"; readonly reason: string }>((resolve) => {
    onAbort = () => {
      // One that has switched cannot be aborted any more.
      stopAsking();
      void abortJob(remote.run, host.connectUri, move.guest).catch(() => undefined);
      timers.push(
        setTimeout(() => resolve({ kind: "lost", reason: "did not end after it was aborted" }), ABORT_GRACE_MS),
      );
    };
  });
  stop.addEventListener("abort", onAbort, { once: true });
  const answer = await Promise.race([launch.go(), late]).catch((error: unknown) => ({
    kind: "lost" as const,
    reason: messageOf(error),
  }));
  // What outlived this migration would abort the guest's next one.
  stop.removeEventListener("abort", onAbort);
  stopAsking();
  timers.forEach(clearTimeout);
  const why = signal.aborted ? "the job was stopped" : `took longer than ${limitMs / 1000} s`;
  if (answer.kind === "refused") return { outcome: "not-started", error: `the lock on ${move.from} is no longer ours` };
  if (answer.kind === "absent") return { outcome: "not-started", error: answer.reason };
  if (answer.kind === "lost") return settle(ctx, move, launch.dir, answer.reason);
  const { exitCode } = answer;
  if (exitCode === 0) return { outcome: "completed", exitCode };
  const error = saidBy(answer);
  return stop.aborted
    ? { outcome: "aborted", exitCode, error: `${why}: ${error}` }
    : { outcome: "failed", exitCode, error };
}
