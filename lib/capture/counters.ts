import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { HarnessError } from "../errors.js";
import type { Command, HostChange } from "../model/command.js";
import type { Host } from "../model/inventory.js";
import type { PacketCount } from "../model/path.js";
import type { PortGroup } from "../model/ports.js";
import { ask } from "../transport/ask.js";
import type { Run } from "../transport/transport.js";
import { COUNT_IPTABLES, COUNT_NFT, FORGET_IPTABLES, FORGET_NFT, READ_IPTABLES, READ_NFT } from "./counter-scripts.js";
import { byPrecedence, FIRST_CLIENT_PORT, isRange } from "./sides.js";

/** What counts on a host. */
export type CounterTool = "iptables" | "nftables";

const TIMEOUT_MS = 30_000;

/**
 * The host's own packet filter; where none is named, or firewalld has it, whichever of the two works there.
 * @throws HarnessError `command-failed` when neither does
 */
export async function counterTool(run: Run, kind: Host["firewall"]): Promise<CounterTool> {
  if (kind === "iptables" || kind === "nftables") return kind;
  for (const [tool, file, ...args] of [
    ["nftables", "nft", "list", "tables"],
    ["iptables", "iptables", "-w", "10", "-t", "mangle", "-S", "INPUT"],
  ] as const) {
    const { exitCode } = await ask(run, { file, args, timeoutMs: TIMEOUT_MS });
    if (exitCode === 0) return tool;
  }
  throw new HarnessError("command-failed", "neither nft nor iptables works there, so no packets can be counted");
}

export interface CounterOptions {
  /** Two jobs on one host have counters of their own. */
  readonly jobKey: string;
  readonly groups: readonly PortGroup[];
  /** Addresses of the other hosts; packets to and from others are not counted. Empty: everybody's. */
  readonly peers: readonly string[];
}

/**
 * Counts TCP packets of the groups from now on, by the rule of `sides.ts`, as the first thing that the packet filter does
 * with what comes for this host or leaves it. Nothing is let through or turned away by it.
 */
export const counterChange = (tool: CounterTool, { jobKey, groups, peers }: CounterOptions): HostChange => {
  const name = nameOf(jobKey);
  const rules = byPrecedence(groups).map((group) => ruleOf(group, tool === "iptables" ? ":" : "-"));
  const addresses = [peers.filter((peer) => !isIPv6(peer)), peers.filter(isIPv6)].map((family) =>
    peers.length === 0 ? "any" : family.join(","),
  );
  const [apply, undo] = tool === "iptables" ? [COUNT_IPTABLES, FORGET_IPTABLES] : [COUNT_NFT, FORGET_NFT];
  return {
    what: `count the packets of ${groups.map((group) => group.name).join(", ")} in ${tool}`,
    apply: sh(apply, name, ...addresses, ...rules),
    undo: sh(undo, name),
  };
};

/** Chains of iptables may have 28 characters; a job's key has more, and any it likes. */
const nameOf = (jobKey: string): string => `migstorm-${createHash("sha256").update(jobKey).digest("hex").slice(0, 12)}`;

/** Ports of the group, ports that the other end may have, name. */
const ruleOf = (group: PortGroup, to: ":" | "-"): string =>
  [
    isRange(group) ? `${group.first}${to}${group.last}` : String(group.first),
    `${isRange(group) ? FIRST_CLIENT_PORT : 1}${to}65535`,
    group.name,
  ].join(",");

/**
 * What they have counted so far, both families added up.
 * @throws HarnessError `command-failed` when the counters are not there: a reading of nothing would look like no traffic
 */
export async function readCounters(run: Run, tool: CounterTool, jobKey: string): Promise<PacketCount[]> {
  const script = tool === "iptables" ? READ_IPTABLES : READ_NFT;
  const { exitCode, stdout, stderr, host } = await ask(run, sh(script, nameOf(jobKey)));
  const counts = parseCounters(stdout);
  if (exitCode === 0 && counts.length > 0) return counts;
  throw new HarnessError("command-failed", `${host}: the packet counters cannot be read: ${stderr.trim() || "none"}`);
}

/** Of `iptables -t mangle -v -S CHAIN` and `nft list table`, each behind a line `== in` or `== out`. */
export function parseCounters(text: string): PacketCount[] {
  const found = new Map<string, PacketCount>();
  let direction: PacketCount["direction"] | undefined;
  for (const line of text.split("\n")) {
    const head = /^== (in|out)$/.exec(line)?.[1] ?? /^\tchain (in|out)\b/.exec(line)?.[1];
    if (head === "in" || head === "out") direction = head;
    const count = direction === undefined ? undefined : countOf(line, direction);
    if (count === undefined) continue;
    const key = [count.group, count.direction, count.side].join();
    const { packets = 0, bytes = 0 } = found.get(key) ?? {};
    found.set(key, { ...count, packets: count.packets + packets, bytes: count.bytes + bytes });
  }
  return [...found.values()];
}

function countOf(line: string, direction: PacketCount["direction"]): PacketCount | undefined {
  const [, group, side] = /--comment "?([\w-]{1,40})\/(to|from)"?(?: |$)/.exec(line) ?? COMMENT.exec(line) ?? [];
  const [, packets, bytes] = /(?:^| )-c (\d{1,15}) (\d{1,15})(?: |$)/.exec(line) ?? COUNTER.exec(line) ?? [];
  if (group === undefined || (side !== "to" && side !== "from") || packets === undefined) return undefined;
  return { group, direction, side, packets: Number(packets), bytes: Number(bytes) };
}

const COMMENT = /\bcomment "([\w-]{1,40})\/(to|from)"/;
const COUNTER = /\bcounter packets (\d{1,15}) bytes (\d{1,15})\b/;

/** What came on top between two readings of the same counters; what was not there before counts from 0. */
export const counterGain = (before: readonly PacketCount[], after: readonly PacketCount[]): PacketCount[] =>
  after.map((count) => {
    const { group, direction, side } = count;
    const old = before.find((one) => one.group === group && one.direction === direction && one.side === side);
    return { ...count, packets: count.packets - (old?.packets ?? 0), bytes: count.bytes - (old?.bytes ?? 0) };
  });

const sh = (script: string, ...args: string[]): Command => ({
  file: "sh",
  args: ["-c", script, "sh", ...args],
  timeoutMs: TIMEOUT_MS,
});
