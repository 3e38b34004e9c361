import type { Evidence, FaultEvidence, HostEvidence } from "../../lib/model/check.js";
import { isPostcopySwitch, isSwitchOf } from "../../lib/model/domain-events.js";
import { oomReports, ownLog } from "../../lib/model/oom-reports.js";
import type { Mark } from "../html/lanes.js";

/** What of the evidence happened at a moment that is known: switches to postcopy, faults, lost connections, strikes. */
export const marksOf = (evidence: Partial<Evidence>): Mark[] =>
  [
    ...postcopySwitches(evidence),
    ...(evidence.faults ?? []).map((fault) => faultMark(fault, evidence)),
    ...(evidence.lostConnections ?? []).map(
      ({ atMs, host, reason }): Mark => ({
        kind: "lost",
        place: host,
        atMs,
        text: `the connection was lost: ${reason}`,
      }),
    ),
    ...(evidence.hosts ?? []).flatMap(strikes),
  ].sort((a, b) => a.atMs - b.atMs);

/** Source and target each tell of one switch; the first word of it counts. */
function postcopySwitches({ events = [], migrations = [] }: Partial<Evidence>): Mark[] {
  const switches = events.filter(isPostcopySwitch);
  return migrations.flatMap((record): Mark[] => {
    const { guest, leg, startMs = 0, endMs = Number.POSITIVE_INFINITY } = record;
    const first = switches.find((event) => event.atMs >= startMs && event.atMs <= endMs && isSwitchOf(event, record));
    if (first === undefined) return [];
    return [{ kind: "postcopy", place: guest, atMs: first.atMs, text: `leg ${leg}: went over to postcopy` }];
  });
}

const FAULTS: Readonly<Record<FaultEvidence["do"], string>> = {
  "kill-libvirtd": "libvirt's daemon is killed and started again",
  "block-rpc": "libvirt's port is closed",
  "block-data": "the ports of migration data are closed",
};

/** Closed ports stay closed until the case is put back, which is after its last leg. */
function faultMark({ do: what, host, leg, startMs, endMs }: FaultEvidence, { legs = [] }: Partial<Evidence>): Mark {
  const over = endMs ?? legs.at(-1)?.endMs;
  const text = `leg ${leg}: ${FAULTS[what]}`;
  return { kind: "fault", place: host, atMs: startMs, ...(over === undefined ? {} : { endMs: over }), text };
}

const strikes = (host: HostEvidence): Mark[] => {
  const log = ownLog(host);
  if ("lost" in log) return [];
  return oomReports(log.added).kills.flatMap(({ victim, pid, line: { atMs } }): Mark[] =>
    atMs === undefined
      ? []
      : [{ kind: "oom", place: host.host, atMs, text: `the OOM killer struck ${victim} (${pid})` }],
  );
};
