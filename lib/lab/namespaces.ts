import { access, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../poll.js";
import { LABS_FOLDER, namespacesOf } from "./layout.js";
import { here, must, succeeds } from "./sh.js";

const FOLDER = "/run/netns";
const END_MS = 30_000;

/** Says that the first named namespace of this machine was ours: with it `ip` mounts a folder and leaves it mounted. */
const MARK = join(LABS_FOLDER, ".made-netns-folder");

/** To be called before a namespace is named: remembers whether the folder of names has to go again. */
export async function rememberFolder(): Promise<void> {
  if (!(await isMounted())) await writeFile(MARK, "");
}

/** Names of a lab's network namespaces, also of those that were only half made. */
export const namespaces = async (name: string): Promise<string[]> =>
  (await readdir(FOLDER).catch(() => [])).filter((namespace) => namespacesOf(name).test(namespace));

/** How many processes are in a namespace. */
export const processesIn = async (namespace: string): Promise<number> => (await pids(namespace)).length;

/** Ends what is still in a namespace (nothing but the lab's own is ever put there) and takes its name away. */
export async function endNamespace(namespace: string): Promise<void> {
  const isEmpty = async (): Promise<boolean> => {
    const left = await pids(namespace);
    if (left.length > 0) await here({ file: "kill", args: ["-KILL", ...left], timeoutMs: 5_000 });
    return left.length === 0;
  };
  await until(isEmpty, { everyMs: 20, timeoutMs: END_MS, what: `the processes of ${namespace} to end` });
  await must("ip", ["netns", "del", namespace]);
}

/** A namespace that was half made when its maker was killed has a name but no inside, and `ip` cannot look into it. */
async function pids(namespace: string): Promise<string[]> {
  const { stdout } = await here({ file: "ip", args: ["netns", "pids", namespace], timeoutMs: 10_000 });
  return stdout.split("\n").filter((pid) => /^\d+$/.test(pid));
}

/** With the last name goes the folder of names, if it was a lab that brought it. */
export async function removeFolder(): Promise<void> {
  const ours = await access(MARK).then(
    () => true,
    () => false,
  );
  if (!ours || (await readdir(FOLDER).catch(() => [])).length > 0) return;
  if (await succeeds("umount", [FOLDER])) await rmdir(FOLDER).catch(() => undefined);
  await rm(MARK, { force: true });
}

const isMounted = async (): Promise<boolean> =>
  (await readFile("/proc/self/mounts", "utf8")).split("\n").some((line) => line.split(" ")[1] === FOLDER);
