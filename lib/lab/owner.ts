import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LABS_FOLDER } from "./layout.js";

/** Who made a lab. A process number alone would name a stranger once it is used again. */
export interface Owner {
  readonly pid: number;
  /** Clock ticks since boot at which that process began. */
  readonly startTicks: string;
  readonly bootId: string;
  /** Whether the lab is meant to outlive the process that made it. */
  readonly isLasting: boolean;
  /** ISO 8601 UTC: until then somebody may look at what a case left in it. */
  readonly keptUntil?: string;
}

const ownerPath = (name: string): string => join(LABS_FOLDER, name, "owner.json");

export async function writeOwner(name: string, isLasting: boolean, keptUntil?: string): Promise<void> {
  const owner: Owner = {
    pid: process.pid,
    startTicks: (await startTicks(process.pid)) ?? "",
    bootId: await bootId(),
    isLasting,
    ...(keptUntil === undefined ? {} : { keptUntil }),
  };
  await writeFile(ownerPath(name), JSON.stringify(owner));
}

/** Who made the lab and whether that process still runs; `undefined` when it left no record. */
export async function ownerOf(name: string): Promise<(Owner & { readonly isAlive: boolean }) | undefined> {
  const text = await readFile(ownerPath(name), "utf8").catch(() => "");
  if (!text.endsWith("}")) return undefined;
  const owner = JSON.parse(text) as Owner;
  const isAlive = owner.bootId === (await bootId()) && owner.startTicks === (await startTicks(owner.pid));
  return { ...owner, isAlive };
}

/** Whether somebody may still look at what a case left in the lab. */
export const isLabKept = async (name: string): Promise<boolean> =>
  Date.parse((await ownerOf(name))?.keptUntil ?? "") > Date.now();

/** Field 22 of `/proc/PID/stat`; the name in field 2 may hold anything, so count from its end. */
async function startTicks(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

export const bootId = async (): Promise<string> => (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
