import type { KernelLog } from "../../lib/model/check.js";
import { loadsOf } from "../../lib/model/loads.js";
import { isVital, type OomKill, oomReports, ownLog } from "../../lib/model/oom-reports.js";
import type { Check } from "./check.js";
import { conclude, type Finding } from "./findings.js";
import { kernelFindings, lineFigures, strike } from "./kernel-trouble.js";

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
    hosts.flatMap((host) => findings(host.host, ownLog(host), host.kernelLog, isStressed)),
    `the kernels of ${hosts.length} hosts reported no trouble`,
    lineFigures(hosts.map(({ kernelLog }) => kernelLog)),
  );
};

function findings(host: string, log: KernelLog, whole: KernelLog, isStressed: boolean): Finding[] {
  if ("lost" in log) return kernelFindings(host, log);
  const { kills, rest } = oomReports(log.added);
  const strikes = isStressed ? [] : kills.map((kill) => strike(host, kill, whole, isGrave(kill)));
  return [...kernelFindings(host, { ...log, added: rest }, whole), ...strikes];
}

const isGrave = (kill: OomKill): boolean => kill.group === undefined || isVital(kill);
