import type { KernelLog } from "../../lib/model/check.js";
import { loadsOf } from "../../lib/model/loads.js";
import type { Check } from "./check.js";
import { conclude, type Finding, warn } from "./findings.js";
import { addedLines, kernelFindings } from "./kernel-trouble.js";
import { isVital, type OomKill, oomReports, ownLog } from "./oom-reports.js";

/**
 * Neither host's kernel reported trouble since the case began. Where the case itself stresses a host, whom the OOM killer
 * struck is for `memory` to judge; elsewhere a control group that ran out of its own memory is suspicious and no more,
 * unless it struck a guest or libvirt.
 */
export const hostKernelLog: Check = ({ case: { params }, hosts }) => {
  const isStressed = loadsOf(params).some(({ on }) => on !== "guests");
  return conclude(
    "host-kernel-log",
    hosts.length,
    hosts.flatMap((host) => findings(host.host, ownLog(host), isStressed)),
    `the kernels of ${hosts.length} hosts reported no trouble`,
    { addedLines: addedLines(hosts.map(({ kernelLog }) => kernelLog)) },
  );
};

function findings(host: string, log: KernelLog, isStressed: boolean): Finding[] {
  if ("lost" in log) return kernelFindings(host, log);
  const { kills, rest } = oomReports(log.added);
  if (isStressed) return kernelFindings(host, { added: rest });
  if (kills.some(isGrave)) return kernelFindings(host, log);
  const strangers = kills.map(({ victim, group }) =>
    warn(`${host}: the control group ${group} ran out of memory, which cost ${victim} its life`),
  );
  return [...kernelFindings(host, { added: rest }), ...strangers];
}

const isGrave = (kill: OomKill): boolean => kill.group === undefined || isVital(kill);
