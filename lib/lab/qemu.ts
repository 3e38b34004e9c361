import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../errors.js";
import { CACHE } from "./cache.js";
import { here, must, mustSh, succeeds } from "./sh.js";

/** First version whose emulation keeps track of every page that a guest writes while it migrates. */
const GOOD_MAJOR = 9;
const PACKAGES = ["qemu-system-x86", "qemu-system-common", "qemu-system-data", "qemu-block-extra", "qemu-utils"];
const DOWNLOAD_MS = 300_000;

/**
 * The QEMU that lab hosts use where they have no KVM: a folder to be laid over `/usr`, or nothing when the installed one
 * will do. Before version 9 emulation (TCG) loses writes of a guest that migrates: under load its memory arrives
 * corrupted, and the guest hangs or boots. So a newer one is taken from Debian's backports, unpacked and not installed.
 */
export async function labQemu(report: (line: string) => void): Promise<string | undefined> {
  if ((await installedMajor()) >= GOOD_MAJOR) return undefined;
  const folder = join(CACHE, "qemu-backports");
  if (await succeeds("test", ["-x", join(folder, "usr/bin/qemu-system-x86_64")])) return folder;
  try {
    report("QEMU for emulated guests: downloading a newer one from Debian's backports");
    await build(folder);
    return folder;
  } catch (error) {
    report(`QEMU for emulated guests: the installed one stays, and loses writes under load (${messageOf(error)})`);
    return undefined;
  }
}

async function installedMajor(): Promise<number> {
  const text = await must("qemu-system-x86_64", ["--version"]);
  return Number(/version (\d+)\./.exec(text)?.[1] ?? Number.NaN);
}

/** Unpacked beside its place and moved there whole, like the guest images. */
async function build(folder: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, `build-${process.pid}-`));
  try {
    const apt = await ownApt(work);
    await must("apt-get", [...apt, "-q", "update"], { timeoutMs: DOWNLOAD_MS });
    const suite = await backports();
    await mustSh(
      'cd "$1"; shift; exec apt-get "$@"',
      [work, ...apt, "-q", "download", ...PACKAGES.map((name) => `${name}/${suite}`)],
      {
        timeoutMs: DOWNLOAD_MS,
      },
    );
    await mustSh('for package in "$1"/*.deb; do dpkg-deb -x "$package" "$1/out"; done', [work]);
    const tried = await here({
      file: join(work, "out/usr/bin/qemu-system-x86_64"),
      args: ["--version"],
      timeoutMs: 20_000,
    });
    if (tried.exitCode !== 0) throw new Error(`it does not run here: ${tried.stderr.trim()}`);
    await rm(folder, { recursive: true, force: true });
    await rename(join(work, "out"), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** apt with lists and sources of its own, so that this machine's stay as they are; the keys are this machine's. */
async function ownApt(work: string): Promise<string[]> {
  const lists = join(work, "lists");
  await mkdir(join(lists, "partial"), { recursive: true });
  await mkdir(join(work, "cache/archives/partial"), { recursive: true });
  await writeFile(join(work, "sources.list"), `deb ${await mirror()} ${await backports()} main\n`);
  const options = {
    "Dir::Etc::sourcelist": join(work, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::State::lists": lists,
    "Dir::Cache": join(work, "cache"),
    "APT::Sandbox::User": "root",
  };
  return Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

const backports = async (): Promise<string> =>
  `${(await mustSh('. /etc/os-release; printf %s "$VERSION_CODENAME"')).trim()}-backports`;

/** Where this machine gets its Debian packages from. */
async function mirror(): Promise<string> {
  const filter = ["Created-By: Packages", "Origin: Debian", "Component: main"];
  const listed = await must("apt-get", ["indextargets", "--format", "$(REPO_URI) $(CODENAME)", ...filter]);
  const found = listed.split("\n").find((line) => /^https?:\S+ [a-z]+$/.test(line));
  if (found === undefined) throw new Error("apt knows no mirror of Debian");
  return found.split(" ")[0] ?? "";
}
