import type { Evidence, HostEvidence } from "../../lib/model/check.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail, warn } from "./findings.js";
import { isOfTool, isVital, type OomKill, oomKills } from "./oom-reports.js";

/**
 * Says whom the OOM killer struck while a host was under stress. That it takes the load itself is what a shortage is; a
 * guest's QEMU or libvirt's daemon is a FAIL, anybody else a WARN: the harness brought the shortage there.
 */
export const memory: Check = (evidence) => {
  const names = new Set(evidence.load.map(({ tool }) => tool));
  const kills = evidence.hosts.flatMap(({ host, kernelLog }) => oomKills(kernelLog).map((kill) => ({ host, ...kill })));
  const isLoad = (kill: OomKill): boolean => [...names].some((name) => isOfTool(kill, name));
  const others = kills.filter((kill) => !isLoad(kill));
  const own = kills.length - others.length;
  return conclude(
    "memory",
    evidence.load.length,
    [...others.map(finding), ...evidence.hosts.flatMap(untold)],
    own === 0 ? "the OOM killer struck nobody" : `the OOM killer struck the load, ${own} times, and nobody else`,
    { oomKills: kills.length, ofTheLoad: own, ...held(evidence) },
  );
};

function finding(kill: OomKill & { readonly host: string }): Finding {
  const { host, victim, pid, group } = kill;
  const where = group === undefined ? "the machine" : `the control group ${group}`;
  const message = `${host}: memory of ${where} ran out, and the OOM killer struck ${victim} (${pid})`;
  return isVital(kill) ? fail(message) : warn(message);
}

const untold = ({ host, kernelLog }: HostEvidence): Finding[] =>
  "lost" in kernelLog ? [error(`${host}: whom the OOM killer struck nobody can say: ${kernelLog.lost}`)] : [];

/** What the guests left free and what the load took of it, where it was measured. */
function held({ load }: Evidence): Record<string, number> {
  const left = load.flatMap(({ leftMiB }) => leftMiB ?? []);
  return left.length === 0 ? {} : { leftMiB: Math.min(...left) };
}
