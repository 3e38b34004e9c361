import type { Evidence } from "../../lib/model/check.js";
import type { Kept, KeptGuest } from "../../lib/model/kept.js";
import type { CaseContext } from "./context.js";
import { stopProbes } from "./leg-meter.js";
import { type AllPlaces, askPlaces, placeOf } from "./places.js";
import { dropCaptures } from "./probes.js";
import type { World } from "./run-case.js";

export interface KeepEdges {
  /** Gathers the evidence as it is at that moment. */
  readonly gather: () => Promise<Evidence>;
  readonly store: (evidence: Evidence) => Promise<void>;
  /** Has the state of both hosts stored with the case, once. */
  readonly collectOnce: () => Promise<void>;
  /** Holds the machines of the job. @returns until when, ISO 8601 UTC */
  readonly hold: () => Promise<string>;
}

/**
 * Keeps the hosts as the steps of a case have left them. What this program itself does there (looking on, resetting guests
 * that boot, speaking with guests) ends with it all the same; what runs by itself (guests, load, counters) goes on.
 */
export function keeping(
  ctx: CaseContext,
  { gather, store, collectOnce, hold }: KeepEdges,
): NonNullable<World["keeping"]> {
  let evidence: Evidence | undefined;
  return {
    evidence: async () => {
      await stopWatching(ctx);
      evidence = { ...(await gather()), areHostsKept: true };
      return evidence;
    },
    hold: async (status) => {
      await collectOnce();
      await dropCaptures(ctx, status);
      if (evidence !== undefined) await store(evidence);
      const guests = await guestsNow(ctx);
      const until = await hold();
      await Promise.allSettled([ctx.herd.logOut(), closeAll(ctx)]);
      return { hosts: ctx.plan.hosts, until, guests };
    },
  };
}

/** Ends what looks on from here, and what resets guests. Harmless twice. */
export async function stopWatching(ctx: CaseContext): Promise<void> {
  await Promise.all([...ctx.state.stopBoots.map((stop) => stop()), stopProbes(ctx)]);
}

/** Ends the streams of events and the lasting virsh. */
export async function closeAll({ state }: CaseContext): Promise<void> {
  await Promise.all([...state.hosts.values()].flatMap(({ stopEvents, virsh }) => [stopEvents?.(), virsh?.stop()]));
}

async function guestsNow(ctx: CaseContext): Promise<Kept["guests"]> {
  const { plan, state } = ctx;
  // Each by itself: the failure may be that one of them does not answer.
  const answers = [...ctx.hosts].map(([name, handle]) =>
    askPlaces({ ...ctx, hosts: new Map([[name, handle]]) }).catch((): AllPlaces => new Map()),
  );
  const found: AllPlaces = new Map((await Promise.all(answers)).flatMap((places) => [...places]));
  return [...plan.guests, ...plan.booters].map(({ name, address }): KeptGuest => {
    const known = address?.split("/")[0] ?? state.guests.get(name)?.address ?? state.boots.get(name)?.address;
    const places = plan.hosts.flatMap((host) => {
      const at = placeOf(found, host, name);
      return at === "absent" ? [] : [{ host, state: at }];
    });
    return { guest: name, places, ...(known === undefined ? {} : { address: known }) };
  });
}
