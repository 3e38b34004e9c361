import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { GUEST_MODULES } from "./guest-files.js";
import { must, mustSh } from "./sh.js";

/** The wanted modules and what they need, in the order in which they can be loaded. `kernel` is the unpacked package. */
export async function modulePaths(kernel: string): Promise<string[]> {
  const base = (await mustSh('ls -d "$1"/lib/modules/*', [kernel])).trim().split("\n")[0] ?? "";
  await must("depmod", ["-b", kernel, basename(base)]);
  const needs = new Map<string, string[]>();
  for (const line of (await readFile(join(base, "modules.dep"), "utf8")).split("\n")) {
    const [path = "", rest = ""] = line.split(":");
    needs.set(path, rest.trim() === "" ? [] : rest.trim().split(" "));
  }
  const ordered: string[] = [];
  const add = (path: string): void => {
    if (ordered.includes(path)) return;
    for (const needed of needs.get(path) ?? []) add(needed);
    ordered.push(path);
  };
  for (const module of GUEST_MODULES) {
    const path = [...needs.keys()].find((known) => basename(known).replace(/\.ko.*$/, "") === module);
    if (path !== undefined) add(path);
  }
  return ordered.map((path) => join(base, path));
}
