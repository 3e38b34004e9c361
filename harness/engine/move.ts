import { messageOf } from "../../lib/errors.js";
import { setMaxDowntime } from "../../lib/libvirt/virsh.js";
import type { JobStats, MigrationRecord, Places, Silence } from "../../lib/model/migration.js";
import type { MigrationOptions } from "../../lib/model/params.js";
import type { Move } from "../../lib/model/plan.js";
import type { Detached } from "../../lib/transport/detached.js";
import { awaitStats } from "./completed-stats.js";
import { type CaseContext, hostOf } from "./context.js";
import { optionsOfMove } from "./instance.js";
import { tellRemaining, tellThroughput } from "./live-progress.js";
import { migrateCommand, startMigration, watchMigration } from "./migrate.js";
import { type Probe, startProbe } from "./probe.js";

/** Everything of a record but where the guest was found afterwards. */
type Draft = Omit<MigrationRecord, "after">;

export interface Ended {
  readonly move: Move;
  /** What is still coming in when the migration is over: the first answer after it, libvirt's figures. */
  readonly finish: Promise<Draft>;
}

/** A migration that waits for nothing but the word. */
export interface Ready {
  readonly go: () => Promise<Ended>;
}

/** A guest that does not answer within this time before a migration does not move; one that is well does within 10 ms. */
const ANSWER_MS = 5_000;

/**
 * Gets one migration ready: the guest is where it has to be, answers, and the command waits on the source host for its
 * word. What is not as it must be makes a record `not-started`; nothing is tried then. Never rejects.
 */
export async function readyMove(
  ctx: CaseContext,
  leg: number,
  move: Move,
  before: Places,
  signal: AbortSignal,
): Promise<Ready> {
  const base = { guest: move.guest, leg, source: move.from, target: move.to, before };
  const notStarted = (error: string): Ready => ({
    go: async () => ({ move, finish: Promise.resolve({ ...base, outcome: "not-started", error }) }),
  });

  const misplaced = whyNot(move, before);
  if (misplaced !== undefined) return notStarted(misplaced);
  let probe: Probe | undefined;
  let launch: Detached | undefined;
  try {
    const address = ctx.state.guests.get(move.guest)?.address;
    if (address === undefined) return notStarted(`${move.guest} has no address`);
    const options = await optionsOfMove(ctx, leg, move);
    const command = migrateCommand(ctx, move, options);
    const [launched, pinging] = await Promise.allSettled([
      startMigration(ctx, leg, move, command, signal),
      probeAfterwards(ctx, address, signal),
    ]);
    if (launched.status === "fulfilled") launch = launched.value;
    if (pinging.status === "fulfilled") probe = pinging.value;
    const [ready, pings] = [settled(launched), settled(pinging)];
    await allowDowntime(ctx, move, options);
    if (mayBeSilent(ctx) || (await pings.answers(ANSWER_MS)))
      return { go: () => go(ctx, move, base, { command, options, launch: ready }, pings, signal) };
    throw new Error(noAnswer(move));
  } catch (error) {
    // Whichever of the two is there must not stay: a probe pings on, a command waits on at its barrier.
    await Promise.all([launch?.cancel(), probe?.stop()]);
    return notStarted(messageOf(error));
  }
}

/** A guest that is to boot while it migrates has nothing to answer with yet. */
const mayBeSilent = ({ plan }: CaseContext): boolean => plan.case.params.booting.migrating;

const noAnswer = ({ guest }: Move): string => `${guest} did not answer a ping within ${ANSWER_MS / 1000} s`;

function settled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

/** To start a program here takes this process milliseconds: the requests to the hosts are to be on their way before. */
async function probeAfterwards({ observer, state }: CaseContext, address: string, signal: AbortSignal): Promise<Probe> {
  await new Promise((resolve) => setImmediate(resolve));
  return startProbe(observer, state.pinger, address, { signal });
}

/** A setting of the running QEMU, so a guest that has moved needs it anew. */
async function allowDowntime(
  ctx: CaseContext,
  { guest, from }: Move,
  { maxDowntime }: MigrationOptions,
): Promise<void> {
  if (maxDowntime === undefined) return;
  const { host, remote } = hostOf(ctx, from);
  const { exitCode, stderr } = await remote.run(setMaxDowntime(host.connectUri, guest, maxDowntime));
  if (exitCode !== 0) throw new Error(`the longest pause of ${guest} could not be set: ${stderr.trim()}`);
}

function whyNot({ guest, from, to }: Move, { source, target }: Places): string | undefined {
  if (source === "running" && (target === "absent" || target === "shut off")) return undefined;
  return `${guest} is not ready to leave ${from}: ${source} there, ${target} on ${to}`;
}

/** It was got ready while others moved, which may have taken minutes: what it answered then says nothing of now. */
async function whyNotNow(ctx: CaseContext, move: Move, probe: Probe, signal: AbortSignal): Promise<string | undefined> {
  const answers = !signal.aborted && (mayBeSilent(ctx) || (await probe.answers(ANSWER_MS)));
  if (signal.aborted) return messageOf(signal.reason);
  return answers ? undefined : noAnswer(move);
}

/** The command on the source host, which waits for its word. */
interface Waiting {
  readonly command: readonly string[];
  readonly options: MigrationOptions;
  readonly launch: Detached;
}

async function go(
  ctx: CaseContext,
  move: Move,
  base: Omit<Draft, "outcome">,
  { command, options, launch }: Waiting,
  probe: Probe,
  signal: AbortSignal,
): Promise<Ended> {
  const error = await whyNotNow(ctx, move, probe, signal);
  if (error !== undefined) {
    await Promise.all([launch.cancel(), probe.stop()]);
    return { move, finish: Promise.resolve({ ...base, outcome: "not-started", error }) };
  }
  const { emit, plan, nowMs } = ctx;
  const source = hostOf(ctx, move.from);
  emit({
    type: "migration-started",
    caseId: plan.case.id,
    leg: base.leg,
    guest: move.guest,
    source: move.from,
    target: move.to,
  });
  const figures = awaitStats(ctx, move);
  probe.begin();
  const startMs = nowMs();
  const tellers = [tellRemaining, tellThroughput].map((tell) => tell(ctx, base.leg, move));
  const end = await watchMigration(ctx, move, launch, options, signal);
  for (const stop of tellers) stop();
  const endMs = nowMs();
  emit({
    type: "command",
    caseId: plan.case.id,
    command: {
      host: source.host.name,
      argv: command,
      what: `migrate ${move.guest} to ${move.to}`,
      ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
      ...(end.error === undefined ? {} : { stderr: end.error }),
      startMs,
      durationMs: endMs - startMs,
    },
  });
  const finish = gather(ctx, probe, end.outcome === "completed" ? figures : undefined).then(
    ({ silence, stats }): Draft => ({
      ...base,
      outcome: end.outcome,
      ...(end.outcome === "completed" || end.error === undefined ? {} : { error: end.error }),
      command,
      startMs,
      endMs,
      ...(stats === undefined ? {} : { stats }),
      ...(silence === undefined ? {} : { silence }),
    }),
  );
  return { move, finish };
}

interface Gathered {
  readonly silence?: Silence | undefined;
  readonly stats?: JobStats | undefined;
}

/** What cannot be had leaves its place empty, for the silence and statistics checks to say so. Never rejects. */
async function gather(
  ctx: CaseContext,
  probe: Probe,
  figures: (() => Promise<JobStats | undefined>) | undefined,
): Promise<Gathered> {
  const [silence, stats] = await Promise.all([
    probe.finish(ctx.plan.case.params.limits.downtime).catch(() => undefined),
    figures?.().catch(() => undefined),
  ]);
  return { silence, stats };
}

/** The record, with the places that were found once the leg was over. */
export const finishRecord = (draft: Draft, after: Places): MigrationRecord => ({ ...draft, after });
