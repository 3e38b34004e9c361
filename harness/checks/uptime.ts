import type { GuestEvidence } from "../../lib/model/check.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail, warn } from "./findings.js";

/** The two looks are not taken in the same instant that they are stamped with. */
const SLACK_S = 5;
const SLACK_SHARE = 0.1;

/**
 * No guest booted: the boot id is the same, and the uptime grew by about the time that passed. A clock that stood still
 * while the guest was silent is as it should be; one that lost or gained more is worth a WARN.
 */
export const uptime: Check = ({ guests, migrations }) =>
  conclude(
    "uptime",
    guests.length,
    guests.flatMap((guest) => {
      const pauses = migrations.filter((record) => record.guest === guest.guest);
      const silentS = pauses.reduce((sum, record) => sum + (record.silence?.longestMs ?? 0) / 1000, 0);
      return judge(guest, silentS);
    }),
    `${guests.length} guests ran on without a boot`,
    { guests: guests.length },
  );

function judge({ guest, before, after }: GuestEvidence, silentS: number): Finding[] {
  if (before?.uptimeS === undefined || after?.uptimeS === undefined)
    return [
      error(
        `${guest}: its uptime ${before?.uptimeS === undefined ? "before the first leg" : "after the last leg"} is not known`,
      ),
    ];
  if (before.bootId !== after.bootId)
    return [fail(`${guest}: booted in the meantime (boot id ${before.bootId}, now ${after.bootId})`)];
  const grewS = after.uptimeS - before.uptimeS;
  if (grewS <= 0) return [fail(`${guest}: its uptime went from ${before.uptimeS} s to ${after.uptimeS} s`)];
  const elapsedS = (after.atMs - before.atMs) / 1000;
  const slackS = SLACK_S + elapsedS * SLACK_SHARE;
  const within = grewS >= elapsedS - slackS - silentS && grewS <= elapsedS + slackS;
  return within ? [] : [warn(`${guest}: its uptime grew by ${grewS.toFixed(1)} s in ${elapsedS.toFixed(1)} s`)];
}
