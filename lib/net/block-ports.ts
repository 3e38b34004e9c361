import type { Command, HostChange } from "../model/command.js";
import type { Host } from "../model/inventory.js";
import { iptablesRule } from "./iptables-rule.js";

const TIMEOUT_MS = 30_000;

/** What is closed: libvirt's own port, or the ports that QEMU is given for migrations. */
export const BLOCKS = {
  "block-rpc": { what: "close tcp 16509", ports: "16509" },
  "block-data": { what: "close tcp 49152-49215", ports: "49152:49215" },
} as const;

const IPTABLES = iptablesRule('-p tcp --dport "$2"', "REJECT --reject-with tcp-reset");

/** A table of our own, before all others: nothing of anybody else is touched, and it goes as a whole. */
const NFT_CLOSE = `set -eu
if nft list table inet "$1" >/dev/null 2>&1; then nft delete table inet "$1"; fi
nft add table inet "$1"
nft add chain inet "$1" input '{ type filter hook input priority -300; policy accept; }'
nft add rule inet "$1" input tcp dport "$2" reject with tcp reset`;
const NFT_OPEN = `set -u
tables=$(nft list tables) || exit 1
printf '%s\\n' "$tables" | grep -qxF -e "table inet $1" || exit 0
nft delete table inet "$1"`;

/**
 * Turns away what comes to these ports of this host, also on connections that are there already; whoever sends is told so.
 * A host that has neither tool cannot be made to: its change fails.
 */
export function blockPorts(kind: keyof typeof BLOCKS, firewall: Host["firewall"], jobKey: string): HostChange {
  const { what, ports } = BLOCKS[kind];
  const name = `migstorm-${jobKey}-${kind}`;
  const isNft = firewall === "nftables" || firewall === "firewalld";
  return {
    what,
    apply: isNft ? sh(NFT_CLOSE, name, ports.replace(":", "-")) : sh(IPTABLES.make, name, ports),
    undo: isNft ? sh(NFT_OPEN, name) : sh(IPTABLES.takeAway, name, ports),
  };
}

const sh = (script: string, ...args: string[]): Command => ({
  file: "sh",
  args: ["-c", script, "sh", ...args],
  timeoutMs: TIMEOUT_MS,
});
