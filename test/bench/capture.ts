import { closeSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { analyseFile } from "../../lib/capture/analyse.js";
import { portGroups } from "../../lib/model/ports.js";
import { median } from "./figures.js";
import { against, ms, type Part, ratio } from "./table.js";

const PACKETS = 1_900_000;
/** Of the time that tcpdump takes to print the same file, which is what one would do without this. */
const TARGET_RATIO = 0.5;

/**
 * The analysis of a large capture against tcpdump reading the same file: printing each packet, and only counting those
 * of one port in compiled C. The file is made up: two connections there and back, heads as tcpdump keeps them.
 */
export async function capturePart(rounds: number): Promise<Part[]> {
  const folder = await mkdtemp(join(tmpdir(), "migstorm-bench-"));
  try {
    const file = join(folder, "large.pcap");
    writeCapture(file, PACKETS);
    const [ours, printing, counting]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await took(() => analysed(file)));
      printing.push(await took(() => execa("tcpdump", ["-nn", "-r", file], { stdout: "ignore" })));
      counting.push(await took(() => counted(file)));
    }
    const row = (what: string, values: readonly number[], target = ""): string[] => [
      ...[what, ms(median(values)), ((PACKETS / median(values)) * 1000).toFixed(0), target],
    ];
    const part = median(ours) / median(printing);
    return [
      {
        title: `analysis of a capture of ${PACKETS} packets`,
        head: ["", "ms", "packets/s", "target"],
        rows: [
          row("migstorm, by group, interface, direction and second", ours),
          row("tcpdump -r FILE, printing", printing),
          row("tcpdump -r FILE --count tcp port 16509", counting),
          ["migstorm / tcpdump printing", ratio(part), "", against(part, TARGET_RATIO)],
        ],
        data: { packets: PACKETS, oursMs: ours, tcpdumpPrintingMs: printing, tcpdumpCountingMs: counting },
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function analysed(file: string): Promise<void> {
  const { packets, isWhole, counts } = await analyseFile(file, portGroups([]));
  const rpc = counts.filter(({ group }) => group === "rpc").reduce((sum, one) => sum + one.packets, 0);
  if (packets !== PACKETS || !isWhole || rpc !== RPC_PACKETS) throw new Error(`counted ${packets} packets, ${rpc} rpc`);
}

async function counted(file: string): Promise<void> {
  const { stdout } = await execa("tcpdump", ["-nn", "-r", file, "--count", "tcp port 16509"]);
  if (stdout !== `${RPC_PACKETS} packets`) throw new Error(`tcpdump counted ${stdout}`);
}

const RPC_PACKETS = PACKETS / 5;
const [SLL2, IPV4, TCP] = [276, 0x0800, 6];

function writeCapture(path: string, packets: number): void {
  const file = openSync(path, "w");
  const head = Buffer.alloc(24);
  for (const [at, value] of [
    [0, 0xa1b2c3d4],
    [4, 0x00040002],
    [16, 96],
    [20, SLL2],
  ] as const)
    head.writeUInt32LE(value, at);
  writeSync(file, head);
  const each = 10_000;
  for (let at = 0; at < packets; at += each)
    writeSync(file, Buffer.concat(Array.from({ length: each }, (_, index) => record(at + index))));
  closeSync(file);
}

/** Every third goes back; every fifth is libvirt's own. */
function record(index: number): Buffer {
  const isBack = index % 3 === 0;
  const [kept, ipBytes] = isBack ? [72, 52] : [96, 1500 + (index % 7) * 1000];
  const bytes = Buffer.alloc(16 + kept);
  bytes.writeUInt32LE(1_700_000_000 + Math.floor(index / 20_000), 0);
  bytes.writeUInt32LE(index % 1_000_000, 4);
  bytes.writeUInt32LE(kept, 8);
  bytes.writeUInt32LE(ipBytes + 20, 12);
  bytes.writeUInt16BE(IPV4, 16);
  bytes.writeUInt32BE(2 + (index % 2), 20);
  bytes[26] = isBack ? 0 : 4;
  const [server, client] = [index % 5 === 0 ? 16_509 : 49_152, 40_000];
  const ip = 36;
  bytes[ip] = 0x45;
  bytes.writeUInt16BE(ipBytes, ip + 2);
  bytes[ip + 9] = TCP;
  bytes.writeUInt16BE(isBack ? server : client, ip + 20);
  bytes.writeUInt16BE(isBack ? client : server, ip + 22);
  bytes[ip + 32] = 0x80;
  bytes[ip + 33] = 0x10;
  return bytes;
}
