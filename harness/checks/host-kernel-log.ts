import type { HostEvidence } from "../../lib/model/check.js";
import { loadsOf } from "../../lib/model/loads.js";
import { isVital, type OomKill, oomReports, ownLog } from "../../lib/model/oom-reports.js";
import { shortageLines } from "../../lib/model/shortage-lines.js";
import type { Check } from "./check.js";
import { conclude, type Finding } from "./findings.js";
import { kernelFindings, lineFigures, shortOf, strike } from "./kernel-trouble.js";

/**
 * Neither host's kernel reported trouble since the case began. Where the case itself stresses a host, whom the OOM killer
 * struck is for `memory` to judge; elsewhere a control group that ran out of its own memory is suspicious and no more,
 * unless it struck a guest or libvirt. So is what a kernel says of a shortage on a host that the case makes short.
 */
export const hostKernelLog: Check = ({ case: { params }, hosts }) => {
  const loads = loadsOf(params);
  const isStressed = loads.some(({ on }) => on !== "guests");
  const isShort = (side: "source" | "target"): boolean =>
    loads.some(({ on, hostMemory }) => on === side && hostMemory === "short");
  return conclude(
    "host-kernel-log",
    hosts.length,
    hosts.flatMap((host, index) => findings(host, { isStressed, isShort: isShort(index === 0 ? "source" : "target") })),
    `the kernels of ${hosts.length} hosts reported no trouble`,
    lineFigures(hosts.map(({ kernelLog }) => kernelLog)),
  );
};

interface Doing {
  /** The case stresses hosts. */
  readonly isStressed: boolean;
  /** It makes this one short of memory. */
  readonly isShort: boolean;
}

function findings(evidence: HostEvidence, { isStressed, isShort }: Doing): Finding[] {
  const { host, kernelLog: whole } = evidence;
  const log = ownLog(evidence);
  if ("lost" in log) return kernelFindings(host, log);
  const { kills, rest: unstruck } = oomReports(log.added);
  const { signs, rest } = isShort ? shortageLines(unstruck) : { signs: [], rest: unstruck };
  const strikes = isStressed ? [] : kills.map((kill) => strike(host, kill, whole, isGrave(kill)));
  return [...kernelFindings(host, { ...log, added: rest }, whole), ...shortOf(host, signs, whole), ...strikes];
}

const isGrave = (kill: OomKill): boolean => kill.group === undefined || isVital(kill);
