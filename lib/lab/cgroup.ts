import { access, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError } from "../errors.js";
import { until } from "../poll.js";

const V1 = "/sys/fs/cgroup/memory";
const V2 = "/sys/fs/cgroup";
const END_MS = 30_000;

/** Where control groups of version 1 (its memory controller) or 2 are made on this machine. */
async function groupsFolder(): Promise<string> {
  if (await there(`${V1}/cgroup.procs`)) return V1;
  if (await there(`${V2}/cgroup.procs`)) return V2;
  throw new HarnessError(
    "bad-input",
    `a lab needs control groups, and ${V2} holds none: mount them, or run on the machine itself instead of in a container`,
  );
}

/**
 * Makes a control group; the processes in it are the lab's own.
 * @param memoryMiB a shortage of memory in it then leaves the rest of the machine alone; no limit without it
 * @returns the file that a process writes its number to so as to join
 */
export async function makeGroup(name: string, memoryMiB?: number): Promise<string> {
  const parent = await groupsFolder();
  const folder = join(parent, name);
  // Version 2 gives its children no memory controller unless told to; where it refuses, a limit cannot be set below.
  if (parent === V2) await writeFile(join(V2, "cgroup.subtree_control"), "+memory").catch(() => undefined);
  await mkdir(folder, { recursive: true });
  if (memoryMiB !== undefined)
    await writeFile(
      join(folder, parent === V1 ? "memory.limit_in_bytes" : "memory.max"),
      String(memoryMiB * 2 ** 20),
    ).catch((error: unknown) => {
      throw new HarnessError("command-failed", `cannot limit the memory of ${name}: ${String(error)}`, {}, error);
    });
  return join(folder, "cgroup.procs");
}

/** The lab's control groups whose names fit. */
export const groupsLike = async (pattern: RegExp): Promise<string[]> =>
  (await readdir(await groupsFolder())).filter((name) => pattern.test(name));

/**
 * Ends every process of a group and takes it away. Once it is gone nobody can join it any more: whatever was on its way
 * in (see `joining`) ends instead.
 */
export async function endGroup(name: string): Promise<void> {
  const folder = join(await groupsFolder(), name);
  const gone = async (): Promise<boolean> => {
    for (const pid of await members(folder)) kill(pid);
    return rmdir(folder).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === "ENOENT",
    );
  };
  await until(gone, { everyMs: 10, timeoutMs: END_MS, what: `the processes of ${name} to end` });
}

async function members(folder: string): Promise<number[]> {
  const text = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "");
  return text.split("\n").map(Number).filter(Boolean);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in between.
  }
}

const there = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
