import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { HarnessError } from "../errors.js";
import { CACHE } from "./cache.js";
import { GUEST_SYSTEMS, INITRD_INIT, osRelease } from "./guest-files.js";
import { guestKernel } from "./guest-kernel.js";
import { installModules } from "./guest-modules.js";
import { rootFileSystem } from "./guest-root.js";
import { here, must, mustSh, succeeds } from "./sh.js";

/** A built set of guest images. */
export interface GuestImages {
  readonly folder: string;
  readonly kernel: string;
  readonly initrd: string;
  /** Base disks, `<image>.qcow2`. */
  readonly disks: string;
  /** Private key that logs in to every guest. */
  readonly identityFile: string;
  /** SHA256 fingerprint of the guests' host key. */
  readonly hostKey: string;
}

const DISK_MIB = 96;
/** The files that decide what an image is. */
const SOURCES = ["guest-files", "guest-kernel", "guest-modules", "guest-root", "image"];
const META_PACKAGE = "linux-image-cloud-amd64";

/**
 * The guest images of the lab: built once from Debian packages (kernel, busybox, dropbear, stress-ng, stress), then
 * found in the cache until a version or a script of theirs changes.
 */
export async function guestImages(report: (line: string) => void = () => undefined): Promise<GuestImages> {
  const folder = join(CACHE, `image-${await recipe()}`);
  if (!(await isBuilt(folder))) await build(folder, report);
  return {
    folder,
    kernel: join(folder, "kernel"),
    initrd: join(folder, "initrd.img"),
    disks: join(folder, "disks"),
    identityFile: join(folder, "id"),
    hostKey: (await readFile(join(folder, "host_key.fingerprint"), "utf8")).trim(),
  };
}

const isBuilt = (folder: string): Promise<boolean> => succeeds("test", ["-e", join(folder, "done")]);

/** What is built here and how: the packages of this machine that go in, and the text of the files that build. */
async function recipe(): Promise<string> {
  const versions = await must("dpkg-query", ["-W", "busybox-static", "dropbear-bin", "stress-ng", "libc6"]);
  const extension = extname(import.meta.filename);
  const sources = await Promise.all(
    SOURCES.map((name) => readFile(join(import.meta.dirname, `${name}${extension}`), "utf8")),
  );
  return createHash("sha256")
    .update([versions, ...sources].join("\0"))
    .digest("hex")
    .slice(0, 16);
}

/** The kernel package that Debian's cloud kernel stands for today, e.g. `linux-image-6.1.0-32-cloud-amd64`. */
async function knownKernelPackage(): Promise<string | undefined> {
  const { stdout } = await here({ file: "apt-cache", args: ["depends", META_PACKAGE], timeoutMs: 60_000 });
  return /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
}

async function kernelPackage(): Promise<string> {
  const known = await knownKernelPackage();
  if (known !== undefined) return known;
  await must("apt-get", ["-q", "update"], { timeoutMs: 300_000 });
  const name = await knownKernelPackage();
  if (name !== undefined) return name;
  throw new HarnessError("bad-input", `apt knows no package ${META_PACKAGE}: check /etc/apt/sources.list`);
}

/** Built beside its place and moved there whole: an interrupted build leaves nothing that looks finished. */
async function build(folder: string, report: (line: string) => void): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  await removeRemains();
  const work = await mkdtemp(join(CACHE, `build-${process.pid}-`));
  try {
    report("guest image: downloading the kernel and stress");
    const kernel = await unpack(work, await kernelPackage());
    const stress = await unpack(work, "stress");
    report("guest image: building");
    const out = join(work, "out");
    await mkdir(join(out, "disks"), { recursive: true });
    await guestKernel(kernel, join(out, "kernel"));
    await buildInitrd(work, kernel, join(out, "initrd.img"));
    await makeKeys(out);
    await buildDisks(work, out, join(stress, "usr/bin/stress"));
    await writeFile(join(out, "done"), "");
    // Whoever was faster may have a lab on its images by now; theirs hold other keys than these.
    if (await isBuilt(folder)) return;
    await rm(folder, { recursive: true, force: true });
    await rename(out, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What builds left that were killed: their process is gone. */
async function removeRemains(): Promise<void> {
  for (const entry of await readdir(CACHE)) {
    const pid = /^build-(\d+)-/.exec(entry)?.[1];
    if (pid !== undefined && !(await succeeds("test", ["-e", `/proc/${pid}`])))
      await rm(join(CACHE, entry), { recursive: true, force: true });
  }
}

async function unpack(work: string, name: string): Promise<string> {
  const folder = join(work, name);
  await mkdir(folder, { recursive: true });
  await mustSh('cd "$1" && apt-get -q download "$2" && dpkg-deb -x ./*.deb .', [folder, name], { timeoutMs: 300_000 });
  return folder;
}

/** Not compressed: a guest that is emulated takes longer to unpack it than its host to read it. */
async function buildInitrd(work: string, kernel: string, target: string): Promise<void> {
  const root = join(work, "initrd");
  for (const folder of ["bin", "dev", "proc", "sysroot"]) await mkdir(join(root, folder), { recursive: true });
  await cp("/bin/busybox", join(root, "bin/busybox"));
  await installModules(kernel, root);
  await writeFile(join(root, "init"), INITRD_INIT, { mode: 0o755 });
  await mustSh('cd "$1" && find . | cpio --quiet -o -H newc > "$2"', [root, target]);
}

async function makeKeys(out: string): Promise<void> {
  await must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "migstorm-guest", "-f", join(out, "id")]);
  await must("dropbearkey", ["-t", "ed25519", "-f", join(out, "host_key")]);
  const shown = await must("dropbearkey", ["-y", "-f", join(out, "host_key")]);
  const line = shown.split("\n").find((text) => text.startsWith("ssh-ed25519 ")) ?? "";
  const blob = Buffer.from(line.split(" ")[1] ?? "", "base64");
  const fingerprint = `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
  await writeFile(join(out, "host_key.fingerprint"), `${fingerprint}\n`);
}

async function buildDisks(work: string, out: string, stress: string): Promise<void> {
  const root = join(work, "root");
  await rootFileSystem(root, out, stress);
  for (const system of GUEST_SYSTEMS) {
    await writeFile(join(root, "etc/os-release"), osRelease(system));
    const raw = join(work, `${system.image}.raw`);
    await must("mkfs.ext4", ["-q", "-F", "-O", "^has_journal", "-L", system.image, "-d", root, raw, `${DISK_MIB}M`]);
    await must("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", raw, join(out, "disks", `${system.image}.qcow2`)]);
    await rm(raw);
  }
}
