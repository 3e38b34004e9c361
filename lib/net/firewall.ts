import { HarnessError } from "../errors.js";
import type { Command, HostChange } from "../model/command.js";
import type { Host } from "../model/inventory.js";
import type { Run } from "../transport/transport.js";
import { iptablesRule } from "./iptables-rule.js";
import { inputChains, type NftChain } from "./nft-chains.js";

const TIMEOUT_MS = 30_000;

/**
 * The changes that let this host receive migrations: tcp 49152 to 49215, and nothing where nothing stands in the way.
 * What was open before is not touched, neither now nor by the undo. Nothing is made permanent.
 */
export async function openMigrationPorts(run: Run, kind: Host["firewall"], jobKey: string): Promise<HostChange[]> {
  switch (kind) {
    case "none":
      return [];
    case "iptables":
      return [iptablesChange(jobKey)];
    case "nftables":
      return inputChains((await ask(run, ["nft", "list", "chains"])).stdout).map((chain) => nftChange(chain, jobKey));
    case "firewalld":
      return (await closedZones(run)).map(firewalldChange);
  }
}

/** A rule of ours is known by its comment, whatever else somebody has put into the chain. */
const commentOf = (jobKey: string): string => `migstorm-${jobKey}`;

const IPTABLES = iptablesRule("-p tcp --dport 49152:49215", "ACCEPT");

const iptablesChange = (jobKey: string): HostChange => ({
  what: "open tcp 49152-49215 in iptables",
  apply: sh(IPTABLES.make, commentOf(jobKey)),
  undo: sh(IPTABLES.takeAway, commentOf(jobKey)),
});

const NFT_OPEN = `set -u
rules=$(nft list chain "$1" "$2" "$3") || exit 1
printf '%s\\n' "$rules" | grep -qF -e "comment \\"$4\\"" && exit 0
nft insert rule "$1" "$2" "$3" tcp dport 49152-49215 accept comment "\\"$4\\""`;

/** A rule of nftables can only be deleted by its handle, which is printed behind it. A chain that is gone took it along. */
const NFT_CLOSE = `set -u
chains=$(nft list chains) || exit 1
rules=$(nft -a list chain "$1" "$2" "$3" 2>/dev/null) || exit 0
printf '%s\\n' "$rules" | grep -F -e "comment \\"$4\\"" | sed -n 's/.*# handle \\([0-9][0-9]*\\)$/\\1/p' | while read -r handle; do
  nft delete rule "$1" "$2" "$3" handle "$handle" || exit 1
done || exit 1
if nft list chain "$1" "$2" "$3" 2>/dev/null | grep -qF -e "comment \\"$4\\""; then
  echo "the rule is still there" >&2
  exit 1
fi`;

const nftChange = ({ family, table, chain }: NftChain, jobKey: string): HostChange => ({
  what: `open tcp 49152-49215 in nftables, ${family} ${table} ${chain}`,
  apply: sh(NFT_OPEN, family, table, chain, commentOf(jobKey)),
  undo: sh(NFT_CLOSE, family, table, chain, commentOf(jobKey)),
});

const PORTS = "49152-49215/tcp";
/** Longer than any job; should even the undo never run, firewalld closes the ports by itself. */
const OPEN_FOR = "168h";

/** Any active zone may be the one that migrations come in by; without one, the default zone takes everything. */
async function closedZones(run: Run): Promise<string[]> {
  const active = zoneNames((await ask(run, ["firewall-cmd", "--get-active-zones"])).stdout);
  const fallback = (await ask(run, ["firewall-cmd", "--get-default-zone"])).stdout.trim();
  const zones = active.length === 0 ? [fallback] : active;
  const open = await Promise.all(
    zones.map((zone) => run(command("firewall-cmd", `--zone=${zone}`, `--query-port=${PORTS}`))),
  );
  return zones.filter((_, index) => open[index]?.exitCode !== 0);
}

/** Names stand at the beginning of a line (`public` or, newer, `public (default)`), what belongs to them is indented. */
export const zoneNames = (text: string): string[] =>
  text.split("\n").flatMap((line) => /^([A-Za-z0-9_-]+)(?: \(.*\))?$/.exec(line)?.[1] ?? []);

/** 252: firewalld does not run, and with it went what it had opened. */
const FIREWALLD_CLOSE = `firewall-cmd "--zone=$1" "--query-port=$2" >/dev/null 2>&1
case $? in
  0) firewall-cmd "--zone=$1" "--remove-port=$2" ;;
  1 | 252) exit 0 ;;
  *) echo "firewalld does not answer" >&2; exit 1 ;;
esac`;

const firewalldChange = (zone: string): HostChange => ({
  what: `open tcp 49152-49215 in firewalld, zone ${zone}`,
  apply: command("firewall-cmd", `--zone=${zone}`, `--add-port=${PORTS}`, `--timeout=${OPEN_FOR}`),
  undo: sh(FIREWALLD_CLOSE, zone, PORTS),
});

async function ask(run: Run, [file = "", ...args]: readonly string[]) {
  const result = await run(command(file, ...args));
  if (result.exitCode !== 0)
    throw new HarnessError("command-failed", `${result.host}: ${file} ${args.join(" ")}: ${result.stderr.trim()}`);
  return result;
}

const command = (file: string, ...args: string[]): Command => ({ file, args, timeoutMs: TIMEOUT_MS });
const sh = (script: string, ...args: string[]): Command => command("sh", "-c", script, "sh", ...args);
