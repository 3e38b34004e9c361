import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GUEST_MODULES } from "./guest-files.js";
import { must, mustSh } from "./sh.js";

/**
 * Puts the wanted modules and what they need where `modprobe` looks for them.
 * @param kernel the kernel package, unpacked
 * @param root root of the initial RAM disk
 */
export async function installModules(kernel: string, root: string): Promise<void> {
  const base = (await mustSh('ls -d "$1"/lib/modules/*', [kernel])).trim().split("\n")[0] ?? "";
  const release = basename(base);
  await must("depmod", ["-b", kernel, release]);
  const target = join(root, "lib/modules", release);
  const lines = neededModules(await readFile(join(base, "modules.dep"), "utf8"), GUEST_MODULES);
  for (const path of lines.map((line) => line.split(":")[0] ?? "")) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await cp(join(base, path), join(target, path));
  }
  await writeFile(join(target, "modules.dep"), lines.map((line) => `${line}\n`).join(""));
}

/**
 * The lines of `modules.dep` that speak of the wanted modules and of what they need. Each names all that its module
 * needs, at first or second hand.
 */
export function neededModules(dependencies: string, wanted: readonly string[]): string[] {
  const lines = dependencies.split("\n").filter((line) => line !== "");
  const needed = new Set(
    lines.filter((line) => wanted.includes(moduleName(line))).flatMap((line) => line.split(/[: ]+/)),
  );
  return lines.filter((line) => needed.has(line.split(":")[0] ?? ""));
}

const moduleName = (line: string): string => basename(line.split(":")[0] ?? "").replace(/\.ko.*$/, "");
