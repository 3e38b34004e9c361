import { createCipheriv, createHash } from "node:crypto";
import type { DiskEvidence, DiskReading } from "../model/check.js";
import type { Run } from "../transport/transport.js";
import { FILL, READ } from "./disk-scripts.js";

type Disk = Pick<DiskEvidence, "disk" | "use">;

/** Emulated guests write some MiB a second. */
const TIMEOUT_MS = 120_000;
const BLOCKS = 64;
const BLOCK_BYTES = 32 * 1024;
const WORDS_MAX = 300;

export interface Filled {
  /** SHA-256 of what every disk holds now. */
  readonly expectedSum: string;
  /** Absent: the guest did not say to the end. */
  readonly readings?: ReadonlyMap<string, DiskReading>;
  /** Programs that the guest lacks. */
  readonly missing: readonly string[];
}

/**
 * Gives each disk of a guest 4 MiB of content that follows from the seed, and reads it back.
 * @throws HarnessError `unreachable`, `deadline`
 */
export async function fillDisks(run: Run, disks: readonly Disk[], seed: string): Promise<Filled> {
  const block = blockOf(seed);
  const { stdout } = await run({ ...script(FILL, disks), input: block, what: "content for the disks" });
  const readings = parseReadings(stdout);
  const missing = stdout.split("\n").flatMap((line) => /^missing ([a-z0-9]+)$/.exec(line)?.[1] ?? []);
  return { expectedSum: sumOf(block), ...(readings === undefined ? {} : { readings }), missing };
}

/** Reads them back, past the guest's cache. `undefined` when the guest did not say to the end. */
export const readDisks = async (
  run: Run,
  disks: readonly Disk[],
): Promise<ReadonlyMap<string, DiskReading> | undefined> => parseReadings((await run(script(READ, disks))).stdout);

/** Without its last line the answer was cut off. What does not look like a line of ours is nobody's. */
export function parseReadings(text: string): ReadonlyMap<string, DiskReading> | undefined {
  const lines = text.split("\n");
  if (!lines.includes("end")) return undefined;
  const readings = new Map<string, DiskReading>();
  const add = (disk: string, reading: DiskReading): void => {
    readings.set(disk, { ...readings.get(disk), ...reading });
  };
  for (const line of lines) {
    const [, kind, disk = "", rest = ""] = /^(sum|swap|fault) ([a-z0-9]+) (.*)$/.exec(line) ?? [];
    if (kind === "sum" && /^[0-9a-f]{64}$/.test(rest)) add(disk, { sum: rest });
    if (kind === "swap" && /^\d{1,12}$/.test(rest)) add(disk, { usedKiB: Number(rest) });
    if (kind === "fault") add(disk, { fault: rest.trim().slice(0, WORDS_MAX) || "it does not say why" });
  }
  return readings;
}

const script = (text: string, disks: readonly Disk[]) => ({
  file: "sh",
  args: ["-c", text, "sh", String(BLOCKS), ...disks.flatMap(({ disk, use }) => [disk, use])],
  timeoutMs: TIMEOUT_MS,
});

/** Text that does not compress and that nobody else writes: a key stream in hexadecimal digits. */
function blockOf(seed: string): string {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(BLOCK_BYTES)).toString("hex");
}

function sumOf(block: string): string {
  const hash = createHash("sha256");
  for (let number = 0; number < BLOCKS; number += 1) hash.update(`${number} ${block}\n`);
  return hash.digest("hex");
}
