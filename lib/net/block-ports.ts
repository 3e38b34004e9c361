import type { Command, HostChange } from "../model/command.js";
import type { Host } from "../model/inventory.js";

const TIMEOUT_MS = 30_000;

/** What is closed: libvirt's own port, or the ports that QEMU is given for migrations. */
export const BLOCKS = {
  "block-rpc": { what: "close tcp 16509", ports: "16509" },
  "block-data": { what: "close tcp 49152-49215", ports: "49152:49215" },
} as const;

/** Both tools wait for the lock of xtables; a host without IPv6 has no IPv6 rules to make. */
const IPTABLES = `set -u
for tool in iptables ip6tables; do
  if [ "$tool" = ip6tables ]; then
    [ -e /proc/net/if_inet6 ] && command -v ip6tables >/dev/null || continue
  fi`;
const RULE = `INPUT -p tcp --dport "$1" -m comment --comment "$2" -j REJECT --reject-with tcp-reset`;
const CLOSE = `${IPTABLES}
  "$tool" -w 10 -C ${RULE} 2>/dev/null || "$tool" -w 10 -I ${RULE} || exit 1
done`;
const OPEN = `${IPTABLES}
  while
    rules=$("$tool" -w 10 -S INPUT) || exit 1
    printf '%s\\n' "$rules" | grep -qF -e "--comment $2 " -e "--comment \\"$2\\" "
  do
    "$tool" -w 10 -D ${RULE} || exit 1
  done
done`;

/** A table of our own, before all others: nothing of anybody else is touched, and it goes as a whole. */
const NFT_CLOSE = `set -u
nft list table inet "$2" >/dev/null 2>&1 && exit 0
nft add table inet "$2"
nft add chain inet "$2" input '{ type filter hook input priority -300; policy accept; }'
nft add rule inet "$2" input tcp dport "$1" reject with tcp reset`;
const NFT_OPEN = `set -u
nft list table inet "$2" >/dev/null 2>&1 || exit 0
nft delete table inet "$2"`;

/**
 * Turns away what comes to these ports of this host, also on connections that are there already; whoever sends is told so.
 * @throws nothing; a host without a firewall tool of the two cannot be made to, and its change fails
 */
export function blockPorts(kind: keyof typeof BLOCKS, firewall: Host["firewall"], jobKey: string): HostChange {
  const { what, ports } = BLOCKS[kind];
  const name = `migstorm-${jobKey}-${kind}`;
  const isNft = firewall === "nftables" || firewall === "firewalld";
  return {
    what,
    apply: isNft ? sh(NFT_CLOSE, ports.replace(":", "-"), name) : sh(CLOSE, ports, name),
    undo: isNft ? sh(NFT_OPEN, ports.replace(":", "-"), name) : sh(OPEN, ports, name),
  };
}

const sh = (script: string, ...args: string[]): Command => ({
  file: "sh",
  args: ["-c", script, "sh", ...args],
  timeoutMs: TIMEOUT_MS,
});
