import { HarnessError } from "../errors.js";
import { xmlText } from "../libvirt/xml.js";
import type { Host } from "../model/inventory.js";
import type { HostFacts } from "../model/result.js";
import type { Run } from "../transport/transport.js";
import { freeMemoryMiB, LIST_MEMORY } from "./memory.js";
import { askSections } from "./sections.js";

const FACTS = `set -u
echo "== system"
uname -nrm
sed -n 's/^PRETTY_NAME="\\{0,1\\}\\([^"]*\\)"\\{0,1\\}$/\\1/p' /etc/os-release 2>/dev/null
echo "== version"
virsh -c "$1" version || exit 1
echo "== capabilities"
virsh -c "$1" capabilities || exit 1
echo "== kvm"
virsh -c "$1" domcapabilities --virttype kvm >/dev/null 2>&1 && echo yes
echo "== memory"
${LIST_MEMORY}
echo "== tools"
for tool in virt-install stress stress-ng tcpdump tc iperf3; do
  # Where sh is bash, command -v names a file that nobody may execute, too.
  found=$(command -v "$tool") && [ -x "$found" ] && echo "$tool"
done
echo "== selinux"
command -v getenforce >/dev/null && getenforce
echo "== daemons"
cat /proc/[0-9]*/comm 2>/dev/null | grep -xE 'libvirtd|virt(qemu|proxy|log|lock|network|storage|nodedev|secret|interface|nwfilter)d' | sort -u
echo "== end"`;

/**
 * What has to be known of a host before a case is planned, in one command.
 * @throws HarnessError `command-failed` when libvirt there does not answer.
 */
export async function hostFacts(run: Run, host: Host): Promise<HostFacts> {
  const asked = { script: FACTS, args: [host.connectUri], timeoutMs: 120_000 };
  const failure = `libvirt does not answer at ${host.connectUri}`;
  return parseFacts(host.name, await askSections(run, asked, failure));
}

export function parseFacts(host: string, found: ReadonlyMap<string, readonly string[]>): HostFacts {
  const lines = (name: string): readonly string[] => found.get(name) ?? [];
  const version = lines("version").join("\n");
  const uuid = xmlText(lines("capabilities").join("\n"), ["capabilities", "host", "uuid"]);
  if (uuid === undefined) throw new HarnessError("command-failed", `${host}: libvirt does not tell the host's UUID`);
  return {
    host,
    system: lines("system").join(", "),
    libvirtVersion: /^Using library: libvirt (\S+)$/m.exec(version)?.[1] ?? "unknown",
    qemuVersion: /^Running hypervisor: QEMU (\S+)$/m.exec(version)?.[1] ?? "unknown",
    virtType: lines("kvm")[0] === "yes" ? "kvm" : "qemu",
    hostUuid: uuid.toLowerCase(),
    freeMemoryMiB: freeMemoryMiB(lines("memory")),
    hasVirtInstall: lines("tools").includes("virt-install"),
    tools: lines("tools").filter((tool) => tool !== "virt-install"),
    seLinux: seLinuxOf(lines("selinux")[0]),
    daemons: lines("daemons"),
  };
}

function seLinuxOf(word: string | undefined): HostFacts["seLinux"] {
  if (word === "Enforcing") return "enforcing";
  return word === "Permissive" ? "permissive" : "absent";
}
