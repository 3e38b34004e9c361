import { randomBytes } from "node:crypto";
import { readSinceMark, writeMark } from "../../../lib/guest/kernel-mark.js";
import { guestSnapshot } from "../../../lib/guest/snapshot.js";
import { pingCount } from "../../../lib/net/ping.js";
import { readLastBoot, seenUp } from "../boots.js";
import type { CaseContext, GuestState } from "../context.js";
import { readDisks } from "../disks.js";
import { askPlaces, placeOf } from "../places.js";
import { sightAll } from "./start-load.js";

/** What every guest says of itself before it moves, and a mark in its kernel log. */
export async function evidenceBefore(ctx: CaseContext): Promise<void> {
  const each = async (guest: GuestState): Promise<void> => {
    if (guest.remote === undefined || guest.address === undefined) return;
    const [said, pings] = await Promise.all([
      guestSnapshot(guest.remote.run),
      fivePings(ctx, guest.address),
      mark(ctx, guest),
    ]);
    guest.before = { atMs: ctx.nowMs(), ...said, pings };
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
 * The same after the last leg. A guest that cannot be asked any more leaves empty what it does not say, for the checks to
 * judge: one dead guest must not hide what the others have to say, nor that it answers no ping.
 */
export async function evidenceAfter(ctx: CaseContext, signal: AbortSignal): Promise<void> {
  const watched = Promise.allSettled([seenUp(ctx, signal)]);
  const each = async (guest: GuestState): Promise<void> => {
    const { remote, address, kernelMark } = guest;
    if (remote === undefined || address === undefined) return;
    const [said, pings, log] = await Promise.all([
      guestSnapshot(remote.run).catch(() => ({})),
      fivePings(ctx, address).catch(() => undefined),
      kernelMark === undefined ? undefined : readSinceMark(remote.run, kernelMark),
      readLastBoot(ctx, guest),
    ]);
    if (pings !== undefined) guest.after = { atMs: ctx.nowMs(), ...said, pings };
    if (log !== undefined) guest.kernelLog = log;
  };
  const places = async (): Promise<void> => {
    const found = await askPlaces(ctx);
    for (const guest of ctx.state.guests.values())
      guest.finalHosts = ctx.plan.hosts.filter((host) => placeOf(found, host, guest.planned.name) === "running");
  };
  const guests = [...ctx.state.guests.values()];
  // Before the kernel logs, which tell of what reading brings to light.
  await readDisks(guests);
  await Promise.all([...guests.map(each), places(), sightAll(ctx, "after"), watched]);
}

const fivePings = ({ observer, state }: CaseContext, address: string): Promise<number> =>
  pingCount(observer.run, state.pinger, address, 5);
