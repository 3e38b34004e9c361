import { access } from "node:fs/promises";
import type { LabMachine } from "./layout.js";
import { mustSh } from "./sh.js";

/** MiB, or no limit. */
export type MemoryLimit = number | undefined;

const V1 = "/sys/fs/cgroup/memory";
const V2 = "/sys/fs/cgroup";

/** Folder of the machine's control group, under version 1 or 2; `undefined` where there is no memory controller. */
export async function cgroupFolder({ cgroup }: LabMachine): Promise<string | undefined> {
  if (await there(`${V1}/cgroup.procs`)) return `${V1}/${cgroup}`;
  if (await there(`${V2}/cgroup.controllers`)) return `${V2}/${cgroup}`;
  return undefined;
}

/**
 * Makes the machine's own control group, with its limit. A shortage of memory in it then leaves the rest alone.
 * @returns a line of shell that puts the shell, and all it starts, into the group
 */
export async function joinCgroup(machine: LabMachine, memoryMiB: MemoryLimit): Promise<string> {
  const folder = await cgroupFolder(machine);
  if (folder === undefined) return ":";
  const limit = folder.startsWith(V1) ? "memory.limit_in_bytes" : "memory.max";
  await mustSh('mkdir -p "$1"; [ -z "$3" ] || printf "%s" "$3" > "$1/$2"', [
    folder,
    limit,
    memoryMiB === undefined ? "" : String(memoryMiB * 2 ** 20),
  ]);
  return `echo $$ > ${folder}/cgroup.procs`;
}

const there = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
