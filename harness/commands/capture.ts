import { type Analysis, analyseFile } from "../../lib/capture/analyse.js";
import { plainText } from "../../lib/model/plain-text.js";
import { portGroups } from "../../lib/model/ports.js";
import { EXIT } from "../exit-code.js";

export interface CaptureVerbOptions {
  /** Further ports to count, each as a group of its own. */
  readonly port?: readonly number[];
  readonly byPort?: boolean;
  readonly json?: boolean;
}

/** What a group or a port came to. */
interface Row {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
  readonly connections: number;
}

/**
 * Prints packets, bytes and connections per group of ports of any capture file. Each packet counts as often as the file
 * has it. One that breaks off is told as far as it goes, with exit code 4.
 * @throws HarnessError `bad-input` when the file is no capture
 */
export async function capture(
  file: string,
  { port = [], byPort = false, json = false }: CaptureVerbOptions,
  write: (text: string) => void,
): Promise<number> {
  const groups = portGroups(port);
  const analysis = await analyseFile(file, groups, byPort);
  const rows = groups.map(({ name }) => rowOf(name, analysis));
  const ports = (analysis.ports ?? []).map(({ port: number, ...count }) => ({ name: String(number), ...count }));
  const problem = problemOf(analysis);
  if (json)
    write(`${JSON.stringify({ file, ...told(analysis, rows, ports), ...(problem && { problem }) }, null, 2)}\n`);
  else write(textOf(analysis, [...rows, ...ports], problem && `${plainText(file)}: ${problem}`));
  return problem === undefined ? EXIT.ok : EXIT.usage;
}

/** An empty file that is a capture all the same proves nothing, neither traffic nor silence. */
function problemOf({ isWhole, packets }: Analysis): string | undefined {
  if (!isWhole) return `it breaks off or is damaged after ${packets} packets; what follows is not counted`;
  return packets === 0 ? "a capture without a packet: nothing can be told from it" : undefined;
}

function rowOf(name: string, { counts }: Analysis): Row {
  const ours = counts.filter(({ group }) => group === name);
  const sum = (key: "packets" | "bytes" | "connections"): number => ours.reduce((all, one) => all + one[key], 0);
  return { name, packets: sum("packets"), bytes: sum("bytes"), connections: sum("connections") };
}

const told = ({ packets, segments, ports }: Analysis, groups: readonly Row[], byPort: readonly Row[]) => ({
  packets,
  tcpPackets: segments,
  groups,
  ...(ports === undefined ? {} : { ports: byPort }),
});

function textOf({ packets, segments }: Analysis, rows: readonly Row[], problem: string | undefined): string {
  const cells = [
    ["port", "packets", "bytes", "connections"],
    ...rows.map((row) => [row.name, String(row.packets), String(row.bytes), String(row.connections)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
  return [
    ...lines,
    `${packets} packets, ${segments} of them TCP`,
    ...(problem === undefined ? [] : [problem]),
    "",
  ].join("\n");
}
