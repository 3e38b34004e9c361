import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { median } from "./figures.js";
import { against, ms, type Part } from "./table.js";

const TARGETS = { listMs: 500, expandMs: 2_000, expandMiB: 512 } as const;
const built = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Listing and expanding, each in processes of their own: their start belongs to what one waits for. */
export async function listingPart(rounds: number): Promise<Part[]> {
  const folder = await mkdtemp(join(tmpdir(), "migstorm-bench-"));
  try {
    const thousand = join(folder, "thousand.yaml");
    const many = join(folder, "many.yaml");
    await writeFile(thousand, scenario(3));
    await writeFile(many, scenario(5));
    const listed: number[] = [];
    const expanded: { cases: number; tookMs: number; peakRssMiB: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      listed.push(await listMs(thousand));
      expanded.push(JSON.parse((await execa(process.execPath, [built("expansion.js"), many])).stdout));
    }
    const expandMs = median(expanded.map(({ tookMs }) => tookMs));
    const expandMiB = median(expanded.map(({ peakRssMiB }) => peakRssMiB));
    const count = expanded[0]?.cases ?? 0;
    return [
      {
        title: "listing and expansion",
        head: ["", "measured", "target"],
        rows: [
          [
            "list of 1000 cases, process start included, ms",
            ms(median(listed)),
            against(median(listed), TARGETS.listMs),
          ],
          [`expansion of ${count} cases, ms`, ms(expandMs), against(expandMs, TARGETS.expandMs)],
          [`expansion of ${count} cases, peak RSS MiB`, ms(expandMiB), against(expandMiB, TARGETS.expandMiB)],
        ],
        data: { listMs: listed, expanded },
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function listMs(path: string): Promise<number> {
  const startMs = performance.now();
  const { stdout } = await execa(process.execPath, [built("../../harness/cli.js"), "list", path]);
  const tookMs = performance.now() - startMs;
  if (!stdout.endsWith("1000 cases")) throw new Error(`list does not tell of 1000 cases: ${stdout.slice(-80)}`);
  return tookMs;
}

/** So many axes of ten variants each. Most variants say something, so that there is something to merge. */
function scenario(axes: number): string {
  const lines = ["name: many", "summary: How long do very many cases take?", "axes:"];
  for (let axis = 0; axis < axes; axis += 1) {
    lines.push(`  axis${axis}:`);
    for (let variant = 0; variant < 10; variant += 1) lines.push(`    a${axis}v${variant}: ${patch(axis, variant)}`);
  }
  return `${lines.join("\n")}\n`;
}

function patch(axis: number, variant: number): string {
  const patches = [
    `{ guests: { memory: ${128 + variant * 64}MiB } }`,
    `{ movement: { rounds: ${variant + 1} } }`,
    `{ migration: { bandwidthMiBps: ${variant + 1} } }`,
    `{ limits: { downtime: ${variant + 1}s } }`,
    `{ tags: [t${variant}] }`,
  ];
  return patches[axis % patches.length] ?? "{}";
}
