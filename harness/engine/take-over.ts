import { atMost } from "../../lib/at-most.js";
import { guestSnapshot } from "../../lib/guest/snapshot.js";
import { type CaseContext, hostOf, type LoggedIn } from "./context.js";
import { carriesMetadata } from "./instance.js";
import { askPlaces, placeOf } from "./places.js";

/** A guest that is well answers within milliseconds. */
const ANSWER_MS = 15_000;

/**
 * Takes over the guests that an earlier case has left, if every one of them runs where this case is to find it, only there,
 * carries what it has to carry, and answers.
 * @returns whether it did
 */
export async function takeOverGuests(ctx: CaseContext): Promise<boolean> {
  const kept = ctx.herd.kept();
  if (kept === undefined || !(await areInPlace(ctx)) || !(await doCarry(ctx)) || !(await doAnswer(ctx, kept)))
    return false;
  for (const guest of ctx.state.guests.values()) {
    Object.assign(guest, kept.get(guest.planned.name));
    guest.takenOverOn = guest.planned.host;
  }
  return true;
}

async function areInPlace(ctx: CaseContext): Promise<boolean> {
  const places = await askPlaces(ctx);
  return ctx.plan.guests.every(({ name, host }) =>
    ctx.plan.hosts.every((where) => placeOf(places, where, name) === (where === host ? "running" : "absent")),
  );
}

/** A case before may have changed their metadata, as anybody may by hand. */
async function doCarry(ctx: CaseContext): Promise<boolean> {
  const { guests, case: testCase } = ctx.plan;
  const all = guests.map(({ name, host }) => carriesMetadata(hostOf(ctx, host), name, testCase.params));
  return (await Promise.all(all)).every(Boolean);
}

async function doAnswer(ctx: CaseContext, kept: ReadonlyMap<string, LoggedIn>): Promise<boolean> {
  const answers = ctx.plan.guests.map(async ({ name }) => {
    const known = kept.get(name);
    return (
      known !== undefined &&
      guestSnapshot(known.remote.run).then(
        () => true,
        () => false,
      )
    );
  });
  const all = Promise.all(answers);
  return (await atMost(ANSWER_MS, all)) && (await all).every(Boolean);
}
