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
 * @returns why it did not; undefined: it did
 */
export async function takeOverGuests(ctx: CaseContext): Promise<string | undefined> {
  const kept = ctx.herd.kept();
  if (kept === undefined) return ctx.herd.whyGone() ?? "no case of this run has left any";
  const why = (await whyNotInPlace(ctx)) ?? (await whyNotAlike(ctx)) ?? (await whySilent(ctx, kept));
  if (why !== undefined) return why;
  for (const guest of ctx.state.guests.values()) {
    Object.assign(guest, kept.get(guest.planned.name));
    guest.takenOverOn = guest.planned.host;
  }
  return undefined;
}

async function whyNotInPlace(ctx: CaseContext): Promise<string | undefined> {
  const places = await askPlaces(ctx);
  const wrong = ctx.plan.guests.flatMap(({ name, host }) =>
    ctx.plan.hosts.flatMap((where) => {
      const state = placeOf(places, where, name);
      return state === (where === host ? "running" : "absent") ? [] : [`${name} is ${state} on ${where}`];
    }),
  );
  return wrong[0];
}

/** A case before may have changed their metadata, as anybody may by hand. */
async function whyNotAlike(ctx: CaseContext): Promise<string | undefined> {
  const { guests, case: testCase } = ctx.plan;
  const all = await Promise.all(
    guests.map(({ name, host }) => carriesMetadata(hostOf(ctx, host), name, testCase.params)),
  );
  const index = all.indexOf(false);
  return index < 0 ? undefined : `${guests[index]?.name} has other metadata`;
}

async function whySilent(ctx: CaseContext, kept: ReadonlyMap<string, LoggedIn>): Promise<string | undefined> {
  const silent = new Set(ctx.plan.guests.map(({ name }) => name));
  const answers = ctx.plan.guests.map(async ({ name }) => {
    const known = kept.get(name);
    if (known === undefined) return;
    await guestSnapshot(known.remote.run).then(
      () => silent.delete(name),
      () => undefined,
    );
  });
  await atMost(ANSWER_MS, Promise.all(answers));
  const [first] = silent;
  return first === undefined ? undefined : `${first} does not answer`;
}
