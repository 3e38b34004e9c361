import type { HostSnapshot } from "../model/check.js";
import type { Host } from "../model/inventory.js";
import { LIST_RULES, normalRules } from "../net/firewall-rules.js";
import type { Run } from "../transport/transport.js";
import { askSections } from "./sections.js";

/** QEMU carries `guest=NAME,…` as an argument of its own; nothing else does. Listeners are the sockets in state 0A. */
const SNAPSHOT = `set -u
echo "== domains"
virsh -q -c "$1" list --all --name || exit 1
echo "== qemu"
grep -hzo '^guest=[^,]*' /proc/[0-9]*/cmdline 2>/dev/null | tr '\\000' '\\n'
echo "== listeners"
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { print $2 }'
echo "== firewall"
${LIST_RULES}
echo "== end"`;

/**
 * What a host looks like now, in one command, sorted, so that two snapshots can be compared.
 * @throws HarnessError `command-failed` when any part could not be read: half a snapshot would look clean.
 */
export async function hostSnapshot(run: Run, host: Host): Promise<HostSnapshot> {
  return parseSnapshot(
    await askSections(run, { script: SNAPSHOT, args: [host.connectUri, host.firewall] }, "cannot look at the host"),
  );
}

export function parseSnapshot(found: ReadonlyMap<string, readonly string[]>): HostSnapshot {
  const lines = (name: string): readonly string[] => found.get(name) ?? [];
  return {
    domains: [...lines("domains")].sort(),
    qemuProcesses: lines("qemu")
      .flatMap((line) => /^guest=(.+)$/.exec(line)?.[1] ?? [])
      .sort(),
    migrationListeners: migrationPorts(lines("listeners")),
    firewallRules: normalRules(lines("firewall")),
  };
}

/** libvirt's default range (`migration_port_min`, `migration_port_max` in qemu.conf). */
const FIRST_PORT = 49_152;
const LAST_PORT = 49_215;

/** `00000000:C000` → 49152; an address of IPv4 and of IPv6 alike. Each port once. */
function migrationPorts(sockets: readonly string[]): number[] {
  const ports = sockets.flatMap((socket) => {
    const hex = /^[0-9A-Fa-f]+:([0-9A-Fa-f]{4})$/.exec(socket)?.[1];
    const port = Number.parseInt(hex ?? "", 16);
    return port >= FIRST_PORT && port <= LAST_PORT ? [port] : [];
  });
  return [...new Set(ports)].sort((a, b) => a - b);
}
