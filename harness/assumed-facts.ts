import type { Host } from "../lib/model/inventory.js";
import type { HostFacts } from "../lib/model/result.js";

/**
 * Stands for what only the host itself can tell, so that a plan can be made without asking it. Nothing here makes a case
 * impossible: what would (memory, missing tools, equal UUIDs) is found out when the job begins.
 */
export const assumedFacts = ({ name, import: how }: Host): HostFacts => ({
  host: name,
  system: "not asked",
  libvirtVersion: "not asked",
  qemuVersion: "not asked",
  virtType: "kvm",
  hostUuid: `not asked: ${name}`,
  freeMemoryMiB: Number.MAX_SAFE_INTEGER,
  hasVirtInstall: how !== "definition",
  tools: ["stress", "stress-ng", "tcpdump", "tc", "iperf3"],
  seLinux: "absent",
  daemons: [],
});
