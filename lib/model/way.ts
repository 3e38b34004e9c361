import type { MigrationRecord } from "./migration.js";
import type { LegPath } from "./path.js";

/** Of what libvirt says it processed, at least this much has to be seen on the ports of a channel. */
export const MOST = 0.9;
/** What libvirt's own connection carries beside a native migration, at most: so much, or so much of what was processed. */
const CONTROL_BYTES = 2 ** 20;
const CONTROL_SHARE = 0.01;

/** Groups of ports that libvirt's own connection may use: TCP, TLS, or ssh where that is the peer's URI. */
const RPC_GROUPS: readonly string[] = ["rpc", "rpc-tls", "port-22"];

export type Channel = "native" | "tunnelled";

/** What one leg moved, and where. */
export interface Way {
  readonly is: Channel | "inconsistent";
  readonly processedBytes: number;
  readonly rpcBytes: number;
  readonly dataBytes: number;
}

/**
 * What left the sources for the ports of the targets, against what libvirt processed. Undefined where either is not known of
 * some host or migration.
 */
export function wayOf(records: readonly MigrationRecord[], { counters }: Pick<LegPath, "counters">): Way | undefined {
  const sources = new Set(records.map(({ source }) => source));
  const counted = counters.filter(({ host }) => sources.has(host));
  if (records.length === 0 || counted.length < sources.size) return undefined;
  const processedBytes = processedBy(records);
  if (processedBytes === undefined) return undefined;
  const sent = counted
    .flatMap(({ counts }) => counts)
    .filter((count) => count.direction === "out" && count.side === "to");
  const bytes = (groups: readonly string[]): number =>
    sent.filter(({ group }) => groups.includes(group)).reduce((sum, count) => sum + count.bytes, 0);
  const [rpcBytes, dataBytes] = [bytes(RPC_GROUPS), bytes(["data"])];
  return { is: judgeBytes(processedBytes, rpcBytes, dataBytes), processedBytes, rpcBytes, dataBytes };
}

/** Bytes that libvirt says it processed in all of them; undefined where it does not say so of one. */
export function processedBy(records: readonly MigrationRecord[]): number | undefined {
  const bytes = records.reduce((sum, { stats }) => sum + (stats?.dataProcessedBytes ?? Number.NaN), 0);
  return records.length > 0 && Number.isFinite(bytes) ? bytes : undefined;
}

function judgeBytes(processed: number, rpc: number, data: number): Way["is"] {
  if (rpc >= MOST * processed && data === 0) return "tunnelled";
  if (data >= MOST * processed && rpc <= Math.max(CONTROL_BYTES, CONTROL_SHARE * processed)) return "native";
  return "inconsistent";
}

/** What the command says; a migration with TLS or several connections goes from QEMU to QEMU too. */
export const channelOf = ({ command = [] }: Pick<MigrationRecord, "command">): Channel =>
  command.includes("--tunnelled") ? "tunnelled" : "native";

/**
 * The same with all that makes a difference to its cost, in words: `native`, `tunnelled`, `TLS`, `native, 4 connections`.
 * Undefined when nothing was tried.
 */
export function channelText({ command }: Pick<MigrationRecord, "command">): string | undefined {
  if (command === undefined) return undefined;
  const kind = command.includes("--tunnelled") ? "tunnelled" : command.includes("--tls") ? "TLS" : "native";
  const index = command.indexOf("--parallel-connections");
  const connections = index < 0 ? undefined : Number.parseInt(command[index + 1] ?? "", 10);
  return connections === undefined || Number.isNaN(connections) ? kind : `${kind}, ${connections} connections`;
}

/** From the first migration's start to the last one's end, milliseconds, without the time in which none ran. */
export function busyMs(records: readonly Pick<MigrationRecord, "startMs" | "endMs">[]): number {
  const spans = records
    .flatMap(({ startMs, endMs }) => (startMs === undefined || endMs === undefined ? [] : [{ startMs, endMs }]))
    .sort((a, b) => a.startMs - b.startMs);
  let [busy, until] = [0, 0];
  for (const { startMs, endMs } of spans) {
    busy += Math.max(0, endMs - Math.max(startMs, until));
    until = Math.max(until, endMs);
  }
  return busy;
}
