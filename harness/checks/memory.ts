import type { Evidence, HostEvidence, KernelLog } from "../../lib/model/check.js";
import { isOfTool, isVital, type OomKill, oomKills, ownLog } from "../../lib/model/oom-reports.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding } from "./findings.js";
import { strike } from "./kernel-trouble.js";

/**
 * Says whom the OOM killer struck while a host was under stress. That it takes the load itself is what a shortage is; a
 * guest's QEMU or libvirt's daemon is a FAIL, anybody else a WARN: the harness brought the shortage there.
 */
export const memory: Check = (evidence) => {
  const names = new Set(evidence.load.map(({ tool }) => tool));
  const kills = eachOnce(evidence.hosts);
  const isLoad = (kill: OomKill): boolean => [...names].some((name) => isOfTool(kill, name));
  const others = kills.filter((kill) => !isLoad(kill));
  const own = kills.length - others.length;
  return conclude(
    "memory",
    evidence.load.length,
    [...others.map((kill) => strike(kill.host, kill, kill.whole, isVital(kill))), ...evidence.hosts.flatMap(untold)],
    own === 0 ? "the OOM killer struck nobody" : `the OOM killer struck the load, ${own} times, and nobody else`,
    { oomKills: kills.length, ofTheLoad: own, ...held(evidence) },
  );
};

type Strike = OomKill & { readonly host: string; readonly whole: KernelLog };

/** Of a strike whose report names no group each host of one machine reads; the pid, which is the machine's, tells that it is one. */
function eachOnce(hosts: readonly HostEvidence[]): Strike[] {
  const told = new Map<string, string>();
  return hosts.flatMap((evidence) => {
    const { host, controlGroup, kernelLog: whole } = evidence;
    const kills = oomKills(ownLog(evidence)).map((kill): Strike => ({ host, whole, ...kill }));
    if (controlGroup === undefined) return kills;
    return kills.filter(({ victim, pid }) => {
      const key = `${pid} ${victim}`;
      const first = told.get(key) ?? host;
      told.set(key, first);
      return first === host;
    });
  });
}

function untold({ host, kernelLog }: HostEvidence): Finding[] {
  const why = "lost" in kernelLog ? kernelLog.lost : kernelLog.cutOff;
  return why === undefined ? [] : [error(`${host}: whom the OOM killer struck nobody can say: ${why}`)];
}

/** What the guests left free and what the load took of it, where it was measured. */
function held({ load }: Evidence): Record<string, number> {
  const left = load.flatMap(({ leftMiB }) => leftMiB ?? []);
  return left.length === 0 ? {} : { leftMiB: Math.min(...left) };
}
