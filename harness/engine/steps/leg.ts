import pLimit from "p-limit";
import { allDone } from "../../../lib/all-done.js";
import { messageOf } from "../../../lib/errors.js";
import type { Move, Step } from "../../../lib/model/plan.js";
import { until } from "../../../lib/poll.js";
import { allBooting, bootForLeg } from "../boots.js";
import type { CaseContext } from "../context.js";
import { changeMetadata } from "../instance.js";
import { finishRecord, type Ready, readyMove } from "../move.js";
import { openPorts } from "../open-ports.js";
import { type AllPlaces, askPlaces, placesOf } from "../places.js";
import { surround } from "../surroundings.js";

type Leg = Extract<Step, { kind: "leg" }>;

/**
 * One leg: every guest that is to move moves, one after another or up to `width` at once. A failed migration is a
 * record for the checks, not an exception; it rejects only when the hosts cannot be asked any more.
 *
 * What can be done before a migration (is the guest there, does it answer, is the command ready to go) is done while
 * the one before it runs, so that the harness adds next to nothing between two migrations.
 */
export async function runLeg(ctx: CaseContext, planned: Leg, signal: AbortSignal): Promise<void> {
  const leg = { ...planned, moves: planned.moves.map((move) => fromWhereItStayed(ctx, move)) };
  const opening = openPorts(ctx, new Set(leg.moves.map(({ to }) => to)));
  const asking = askPlaces(ctx);
  // Whatever the hosts answer: nothing may still be opening when this leaves.
  await allDone<unknown>([asking, opening]);
  const places = await asking;
  await changeMetadata(ctx, leg.number, leg.moves);
  const booting = ctx.plan.case.params.booting.migrating ? await bootForLeg(ctx, leg.moves, signal) : undefined;
  const around = await surround(ctx, leg, signal);
  const startMs = ctx.nowMs();
  const ready = async (move: Move): Promise<Ready> => {
    const { go } = await readyMove(ctx, leg.number, move, placesOf(places, move), signal);
    return { go: () => allBooting(ctx, signal).then(go) };
  };

  const moving = leg.width === 1 ? oneByOne(leg.moves, ready) : together(leg.moves, leg.width, ready);
  const ended = await moving.finally(around.end);

  const after = await placesAfter(ctx, leg.moves);
  for (const { move, finish } of ended) {
    const record = typeof after === "string" ? await finish : finishRecord(await finish, placesOf(after, move));
    ctx.state.migrations.push(record);
    ctx.emit({ type: "migration-ended", caseId: ctx.plan.case.id, record });
    const guest = ctx.state.guests.get(move.guest);
    if (guest !== undefined && record.outcome === "completed") guest.expectedHost = move.to;
  }
  const { number, moves, width } = leg;
  ctx.state.legs.push({ number, moves, width, startMs, endMs: ctx.nowMs() });
  signal.throwIfAborted();
  await around.verify();
  await booting?.up();
  if (typeof after === "string") throw new Error(`leg ${number}: ${after}`);
}

const PLACES_MS = 30_000;

/**
 * A host that does not answer for a moment must not cost what is known of the migrations that are over.
 * @returns the places, or why nobody could say them
 */
async function placesAfter(ctx: CaseContext, moves: readonly Move[]): Promise<AllPlaces | string> {
  let last = "";
  let found: AllPlaces | undefined;
  const ask = async (): Promise<AllPlaces | undefined> => {
    found = await askPlaces(ctx).catch((error: unknown) => {
      last = messageOf(error);
      return undefined;
    });
    return found !== undefined && ctx.plan.case.params.faults.length > 0 && moves.some(isTwice(found))
      ? undefined
      : found;
  };
  const patience = { everyMs: 500, timeoutMs: PLACES_MS, what: "both hosts to say where the guests are" };
  return until(ask, { ...patience, detail: () => last }).catch((error: unknown) => found ?? messageOf(error));
}

/** After a fault the two libvirts may need a while until they have noticed, and taken away what is left of a migration. */
const isTwice =
  (places: AllPlaces) =>
  (move: Move): boolean =>
    Object.values(placesOf(places, move)).every((state) => state !== "absent" && state !== "shut off");

/** Where migrations are to fail, a guest that stayed tries the same way again: it cannot come back from where it never was. */
function fromWhereItStayed({ plan, state }: CaseContext, move: Move): Move {
  const stayed = state.guests.get(move.guest)?.expectedHost === move.to;
  return stayed && plan.case.params.expect.outcome !== "completed" ? { ...move, from: move.to, to: move.from } : move;
}

type Ended = Awaited<ReturnType<Ready["go"]>>;

async function oneByOne(moves: readonly Move[], ready: (move: Move) => Promise<Ready>): Promise<Ended[]> {
  const ended: Ended[] = [];
  let coming = moves[0] === undefined ? undefined : ready(moves[0]);
  for (const [index] of moves.entries()) {
    const current = await coming;
    const next = moves[index + 1];
    coming = next === undefined ? undefined : ready(next);
    if (current !== undefined) ended.push(await current.go());
  }
  return ended;
}

/** The barrier: nobody goes before everybody is ready. */
async function together(
  moves: readonly Move[],
  width: number,
  ready: (move: Move) => Promise<Ready>,
): Promise<Ended[]> {
  const all = await Promise.all(moves.map(ready));
  const limit = pLimit(width);
  return Promise.all(all.map(({ go }) => limit(go)));
}
