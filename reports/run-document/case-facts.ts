import type { Evidence, HostEvidence } from "../../lib/model/check.js";
import { oomKills, ownLog } from "../../lib/model/oom-reports.js";

/** What only the evidence of a case tells: its result does not carry it. */
export interface CaseFacts {
  readonly caseId: string;
  /** Whether all its guests ran already, left by an earlier case; absent: it tells of no guest. */
  readonly isHandedOn?: boolean;
  /** Names of what the OOM killer struck while the case ran, as the kernel cuts them; each strike once. */
  readonly victims: readonly string[];
  /** Hosts of which the kernel log is not known for all of the case. */
  readonly lostLogs: readonly string[];
}

/** Pure. Evidence of older jobs may lack what is asked for here: then nothing is said of it. */
export function caseFacts({ case: { id }, guests = [], hosts = [] }: Evidence): CaseFacts {
  return {
    caseId: id,
    ...(guests.length === 0 ? {} : { isHandedOn: guests.every(({ takenOverOn }) => takenOverOn !== undefined) }),
    victims: victimsOf(hosts),
    lostLogs: hosts.flatMap(({ host, kernelLog }) => ("lost" in kernelLog ? [host] : [])),
  };
}

/**
 * Hosts of a lab share one kernel, and each reads of every strike in it. Where the kernel says whose the victim was, the other
 * host leaves it out, and so do both when it was somebody else's on that machine; where it does not, one with the same process and
 * figures in the logs of several hosts is one strike: two machines do not come to end a process with all its figures alike.
 */
function victimsOf(hosts: readonly HostEvidence[]): string[] {
  const strikes = new Map(
    hosts.flatMap((host) => oomKills(ownLog(host)).map((kill) => [kill.line.text, kill.victim] as const)),
  );
  return [...strikes.values()];
}
