import { chmod, cp, mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GUEST_FSTAB, GUEST_INITTAB, GUEST_RC } from "./guest-files.js";
import { must } from "./sh.js";

const PROGRAMS = ["/usr/sbin/dropbear", "/usr/bin/stress-ng"];

/**
 * Fills a folder with the root file system of a guest, all but the name of the system.
 * @param keys folder with `host_key` and `id.pub`
 * @param stress the program of the package `stress`, unpacked
 */
export async function rootFileSystem(root: string, keys: string, stress: string): Promise<void> {
  for (const folder of [
    "bin",
    "sbin",
    "usr/bin",
    "usr/sbin",
    "etc/dropbear",
    "root/.ssh",
    "proc",
    "sys",
    "dev",
    "run",
    "tmp",
    "mnt",
    "var",
  ])
    await mkdir(join(root, folder), { recursive: true });
  await cp("/bin/busybox", join(root, "bin/busybox"));
  const applets = (await must("busybox", ["--list"])).trim().split("\n");
  for (const applet of applets) if (applet !== "busybox") await symlink("busybox", join(root, "bin", applet));
  await symlink("../bin/busybox", join(root, "sbin/init"));
  for (const program of [...PROGRAMS, stress])
    await install(root, program, program === stress ? "/usr/bin/stress" : program);
  await writeFile(join(root, "etc/rc"), GUEST_RC, { mode: 0o755 });
  await writeFile(join(root, "etc/inittab"), GUEST_INITTAB);
  await writeFile(join(root, "etc/fstab"), GUEST_FSTAB);
  await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  await writeFile(join(root, "etc/shadow"), "root:*:19000:0:99999:7:::\n", { mode: 0o600 });
  await writeFile(join(root, "etc/group"), "root:x:0:\ntty:x:5:\n");
  await writeFile(join(root, "etc/shells"), "/bin/sh\n");
  await cp(join(keys, "id.pub"), join(root, "root/.ssh/authorized_keys"));
  await cp(join(keys, "host_key"), join(root, "etc/dropbear/host_key"));
  await chmod(join(root, "root/.ssh"), 0o700);
  await chmod(join(root, "root"), 0o700);
  await chmod(join(root, "root/.ssh/authorized_keys"), 0o600);
}

/** A program with the libraries that it is linked with, at the paths where the loader looks for them. */
async function install(root: string, from: string, to: string): Promise<void> {
  const listed = await must("ldd", [from]);
  const libraries = [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].flatMap((match) => match[1] ?? []);
  for (const [source, target] of [[from, to], ...libraries.map((library) => [library, library])] as const) {
    const place = join(root, target ?? "");
    await mkdir(dirname(place), { recursive: true });
    if (source !== undefined && !(await exists(place))) await cp(source, place, { dereference: true });
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
