import { allDone } from "../../lib/all-done.js";
import { CancelCase } from "../../lib/errors.js";
import { fillDisks as fill, readDisks as read } from "../../lib/guest/disks.js";
import type { DiskEvidence, DiskReading } from "../../lib/model/check.js";
import type { PlannedGuest } from "../../lib/model/plan.js";
import { isWatched } from "../plan-volumes.js";
import type { CaseContext, GuestState } from "./context.js";

type Watched = Omit<DiskEvidence, "expectedSum" | "before" | "after">;

/**
 * Gives the disks of every guest content of this case's own, before the first leg; only where the case has volumes. Guests
 * that were taken over have mounted and swapped already.
 * @throws CancelCase when a guest lacks a program for it
 */
export async function fillDisks(ctx: CaseContext): Promise<void> {
  if (!isWatched(ctx.plan.case.params)) return;
  await allDone([...ctx.state.guests.values()].map((guest) => fillOne(ctx, guest)));
}

async function fillOne({ jobKey, plan }: CaseContext, guest: GuestState): Promise<void> {
  if (guest.remote === undefined) return;
  const disks = watched(guest.planned);
  const seed = `${jobKey} ${plan.case.id} ${guest.planned.name}`;
  const { expectedSum, readings, missing } = await fill(guest.remote.run, disks, seed);
  if (missing.length > 0) throw new CancelCase(`${guest.planned.name} has no ${missing.join(", ")} for its disks`);
  guest.disks = disks.map((disk) => ({ ...disk, expectedSum, ...reading("before", readings, disk) }));
}

/** What the disks hold after the last leg. Never rejects: a guest that cannot be asked leaves it empty. */
export async function readDisks(guests: readonly GuestState[]): Promise<void> {
  await Promise.all(guests.map(readOne));
}

async function readOne(guest: GuestState): Promise<void> {
  const { remote, disks } = guest;
  if (remote === undefined || disks === undefined) return;
  const readings = await read(remote.run, disks).catch(() => undefined);
  guest.disks = disks.map((disk) => ({ ...disk, ...reading("after", readings, disk) }));
}

/** A disk of which nothing was said although the guest spoke to the end has neither sum nor space in use. */
const reading = (
  when: "before" | "after",
  readings: ReadonlyMap<string, DiskReading> | undefined,
  { disk }: Watched,
): Pick<DiskEvidence, "before" | "after"> => (readings === undefined ? {} : { [when]: readings.get(disk) ?? {} });

function watched({ disk, volumes = [] }: PlannedGuest): Watched[] {
  const root: Watched[] = disk === undefined ? [] : [{ disk: "root", use: "root", on: "image" }];
  return [...root, ...volumes.map(({ serial, use, on }) => ({ disk: serial, use, on }))];
}
