import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadInventory } from "../../harness/load.js";
import { labDown } from "../../lib/lab/down.js";
import { labUp } from "../../lib/lab/up.js";
import type { JobRecord } from "../../lib/model/job.js";

/** A lab that is there for one measurement, and a folder for what is written meanwhile. */
export interface BenchLab {
  readonly folder: string;
  readonly virtType: string;
  readonly upMs: number;
  /** A fresh job on the two hosts of the lab. */
  readonly newJob: () => JobRecord;
}

/**
 * So much each host may use, MiB: as much as README says for the matrix, and more where very many guests have to fit. A share
 * of what happens to be free would be another load on another day wherever a case takes half of what its guests leave.
 */
const labMemoryMiB = (guests: number): number => Math.max(1536, 512 + guests * 320);

/**
 * Brings a lab up, works in it and takes it away, whatever happened.
 * @param guests how many of them may run at the same time
 */
export async function inLab<T>(
  work: (lab: BenchLab) => Promise<T>,
  { guests = 2 }: { readonly guests?: number } = {},
): Promise<T> {
  const name = `bench-${randomBytes(3).toString("hex")}`;
  const folder = await mkdtemp(join(tmpdir(), "migstorm-bench-"));
  const cleanUp = async (): Promise<void> => {
    await labDown(name);
    await rm(folder, { recursive: true, force: true });
  };
  // Measuring takes minutes, and a bench that is stopped is to leave nothing behind either.
  const stop = (): void => void cleanUp().finally(() => process.exit(130));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const startMs = performance.now();
    const { inventoryPath, virtType } = await labUp({ name, isLasting: false, memoryMiB: labMemoryMiB(guests) });
    const upMs = performance.now() - startMs;
    const inventory = await loadInventory(inventoryPath);
    const [source, target] = inventory.hosts.map((host) => host.name);
    if (source === undefined || target === undefined) throw new Error("the lab has no two hosts");
    const newJob = (): JobRecord => {
      const jobKey = randomBytes(4).toString("hex").slice(0, 7);
      const startedAt = new Date().toISOString();
      return {
        jobId: `bench-${jobKey}`,
        jobKey,
        token: randomUUID(),
        version: "bench",
        argv: [],
        seed: 1,
        startedAt,
        inventory,
        hosts: [source, target],
        lab: name,
      };
    };
    return await work({ folder, virtType, upMs, newJob });
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    await cleanUp();
  }
}
