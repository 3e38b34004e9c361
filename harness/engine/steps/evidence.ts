import { randomBytes } from "node:crypto";
import { readSinceMark, writeMark } from "../../../lib/guest/kernel-mark.js";
import { guestSnapshot } from "../../../lib/guest/snapshot.js";
import { pingCount } from "../../../lib/net/ping.js";
import { seenUp } from "../boots.js";
import type { CaseContext, GuestState } from "../context.js";
import { askPlaces, placeOf } from "../places.js";
import { sightAll } from "./start-load.js";

/** What every guest says of itself before it moves, and a mark in its kernel log. */
export async function evidenceBefore(ctx: CaseContext): Promise<void> {
  const each = async (guest: GuestState): Promise<void> => {
    const [before] = await Promise.all([look(ctx, guest), mark(ctx, guest)]);
    if (before !== undefined) guest.before = before;
  };
  await Promise.all([...[...ctx.state.guests.values()].map(each), sightAll(ctx, "before")]);
}

/** A guest that is reset before every leg forgets its mark: its log is read whole after each. */
async function mark({ plan }: CaseContext, guest: GuestState): Promise<void> {
  if (guest.remote === undefined || plan.case.params.booting.migrating) return;
  guest.kernelMark = randomBytes(6).toString("hex");
  await writeMark(guest.remote.run, guest.kernelMark, "begin");
}

/**
 * The same after the last leg. A guest that cannot be asked any more leaves its place empty, for the checks to judge:
 * one dead guest must not hide what the others have to say.
 */
export async function evidenceAfter(ctx: CaseContext, signal: AbortSignal): Promise<void> {
  const watched = Promise.allSettled([seenUp(ctx, signal)]);
  const each = async (guest: GuestState): Promise<void> => {
    const after = await look(ctx, guest).catch(() => undefined);
    if (after !== undefined) guest.after = after;
    if (guest.remote !== undefined && guest.kernelMark !== undefined)
      guest.kernelLog = await readSinceMark(guest.remote.run, guest.kernelMark);
  };
  const places = async (): Promise<void> => {
    const found = await askPlaces(ctx);
    for (const guest of ctx.state.guests.values())
      guest.finalHosts = ctx.plan.hosts.filter((host) => placeOf(found, host, guest.planned.name) === "running");
  };
  await Promise.all([...[...ctx.state.guests.values()].map(each), places(), sightAll(ctx, "after"), watched]);
}

async function look(ctx: CaseContext, { remote, address }: GuestState) {
  if (remote === undefined || address === undefined) return undefined;
  const [said, pings] = await Promise.all([
    guestSnapshot(remote.run),
    pingCount(ctx.observer.run, ctx.state.pinger, address, 5),
  ]);
  return { atMs: ctx.nowMs(), ...said, pings };
}
