import type { GuestSnapshot } from "../../lib/model/check.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail, warn } from "./findings.js";

const PINGS = 5;

/** Every guest answers all pings before the first leg and after the last one. */
export const reachable: Check = ({ guests }) =>
  conclude(
    "reachable",
    guests.length,
    guests.flatMap(({ guest, before, after }) => [
      ...judge(guest, "before the first leg", before),
      ...judge(guest, "after the last leg", after),
    ]),
    `${guests.length} guests answered ${PINGS} of ${PINGS} pings before and after`,
    { guests: guests.length },
  );

function judge(guest: string, when: string, snapshot: GuestSnapshot | undefined): Finding[] {
  if (snapshot === undefined) return [error(`${guest}: nothing is known of it ${when}`)];
  if (snapshot.pings >= PINGS) return [];
  const message = `${guest}: answered ${snapshot.pings} of ${PINGS} pings ${when}`;
  return [snapshot.pings === 0 ? fail(message) : warn(message)];
}
