import type { DiskEvidence, DiskReading, GuestEvidence } from "../../lib/model/check.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail } from "./findings.js";

/**
 * Every disk holds after the last leg what was written to it before the first one, and swap is still in use. What was not
 * well before the first leg proves nothing about the migration.
 */
export const disks: Check = ({ guests }) => {
  const all = guests.flatMap((guest) => (guest.disks ?? []).map((disk) => ({ guest, disk })));
  const silent = guests.filter((guest) => guest.disks === undefined);
  const findings = [
    ...silent.map(({ guest }) => error(`${guest}: nothing was written to its disks`)),
    ...all.flatMap(({ guest, disk }) => judged(guest, disk)),
  ];
  const swaps = all.filter(({ disk: { use } }) => use === "swap");
  const usedKiB = swaps.reduce((sum, { disk }) => sum + (disk.after?.usedKiB ?? 0), 0);
  return conclude(
    "disks",
    all.length,
    findings,
    `all ${all.length} disks hold what was written to them${swaps.length === 0 ? "" : ", and swap is in use"}`,
    { disks: all.length, ...(swaps.length === 0 ? {} : { usedSwapKiB: usedKiB }) },
  );
};

function judged({ guest }: GuestEvidence, disk: DiskEvidence): Finding[] {
  const { before, after, use } = disk;
  const name = `${guest}: ${use === "root" ? "root disk" : `${use} disk ${disk.disk}`} (${disk.on})`;
  const early = before === undefined ? "it was not asked" : wrong(disk, before);
  if (early !== undefined) return [error(`${name}: not well before the first leg: ${early}`)];
  if (after === undefined) return [error(`${name}: what it holds after the last leg is not known`)];
  const late = wrong(disk, after);
  return late === undefined ? [] : [fail(`${name}: ${late}`)];
}

function wrong({ use, expectedSum }: DiskEvidence, { fault, sum, usedKiB }: DiskReading): string | undefined {
  if (fault !== undefined) return `cannot be read: ${fault}`;
  if (use === "swap" && usedKiB === undefined) return "the swap is not active";
  if (sum === undefined) return "the file is gone";
  if (sum !== expectedSum) return "it does not hold what was written to it";
  return use === "swap" && usedKiB === 0 ? "nothing is in the swap" : undefined;
}
