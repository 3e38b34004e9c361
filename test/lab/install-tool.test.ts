import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installTool } from "../../lib/guest/install-tool.js";
import { localRun } from "../../lib/transport/local.js";
import { needsRoot } from "../support/needs.js";

const here = localRun("here");
const TOOL = "stress-of-migstorm";

/** All that is mounted goes with the last process, and all processes with the first. */
const NAMESPACES = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"];

/**
 * This machine as it is now, in which nothing that is done stays: its root file system with a layer in memory above it.
 * Packages come from `/repo` there, and from nowhere else.
 */
const COPY = `set -eu
root=$1 repo=$2 before=$3
shift 3
mount -t tmpfs none "$root"
mkdir "$root/upper" "$root/work" "$root/all"
mount -t overlay none -o "lowerdir=/,upperdir=$root/upper,workdir=$root/work" "$root/all"
mount --bind /dev "$root/all/dev"
mount -t proc none "$root/all/proc"
cd "$root/all"
cp -r "$repo" repo
chmod -R a+rX repo
mount -t tmpfs none tmp
mount -t tmpfs none var/lib/apt/lists
rm -rf etc/apt/sources.list etc/apt/sources.list.d
echo 'deb [trusted=yes] file:/repo ./' >etc/apt/sources.list
unset TMPDIR
chroot . sh -c "$before"
exec chroot . "$@"`;

/** Locks a file as apt-get does, for some seconds, and makes another one once it is locked. */
const HOLD = `my ($lock, $seconds, $told) = @ARGV;
  open F, "+>", $lock or die;
  my $whole = pack "s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0;
  fcntl F, F_SETLK, $whole or die;
  open T, ">", $told;
  sleep $seconds`;

/**
 * Installs the tool in such a copy.
 * `before`: a script that makes the copy different first; `after`: one that looks at it
 */
async function installed(folder: string, tool: string, { before = ":", after = ":" } = {}) {
  const { file, args } = installTool(tool);
  const root = await mkdtemp(join(folder, "root-"));
  const whole = ["sh", "-c", `"$@"; code=$?; ${after}; exit $code`, "sh", file, ...args];
  const { exitCode, stdout, stderr } = await here({
    file: "unshare",
    args: [...NAMESPACES, "sh", "-c", COPY, "sh", root, join(folder, "repo"), before, ...whole],
    timeoutMs: 40_000,
  });
  return { exitCode, stdout, stderr };
}

/** A repository of one package, whose program says that it runs. */
async function makeRepository(folder: string): Promise<void> {
  const content = join(folder, "content");
  const control = `Package: ${TOOL}\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nDescription: says that it runs\n`;
  await mkdir(join(content, "DEBIAN"), { recursive: true });
  await mkdir(join(content, "usr/bin"), { recursive: true });
  await mkdir(join(folder, "repo"));
  await writeFile(join(content, "DEBIAN/control"), control);
  await writeFile(join(content, "usr/bin", TOOL), "#!/bin/sh\necho it runs\n");
  await chmod(join(content, "usr/bin", TOOL), 0o755);
  const deb = join(folder, "repo/tool.deb");
  const built = await here({
    file: "dpkg-deb",
    args: ["--build", "--root-owner-group", "-Znone", content, deb],
    timeoutMs: 20_000,
  });
  assert.equal(built.exitCode, 0, built.stderr);
  const { size } = await stat(deb);
  const sum = createHash("sha256")
    .update(await readFile(deb))
    .digest("hex");
  await writeFile(join(folder, "repo/Packages"), `${control}Filename: ./tool.deb\nSize: ${size}\nSHA256: ${sum}\n`);
}

describe("a tool that a guest lacks, with the apt-get and dpkg of this machine", function () {
  this.timeout(60_000);

  let folder: string;
  before(async () => {
    needsRoot();
    folder = await mkdtemp(join(tmpdir(), "migstorm-install-"));
    await makeRepository(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("is installed from a repository, and runs", async () => {
    const { exitCode, stdout, stderr } = await installed(folder, TOOL, { after: TOOL });
    assert.deepEqual([exitCode, stdout], [0, "it runs\n"], stderr);
    assert.ok(!existsSync(`/usr/bin/${TOOL}`), "nobody but the copy has it");
    assert.ok(!(await readFile("/proc/self/mounts", "utf8")).includes(folder), "no mount stays");
  });

  it("is a reason in apt-get's words where the repository does not have it", async () => {
    const { exitCode, stdout, stderr } = await installed(folder, "stress-of-nobody");
    assert.deepEqual([exitCode, stdout], [1, ""]);
    assert.match(stderr, /^apt-get ended with 100:\n(.*\n)*E: Unable to locate package stress-of-nobody\n$/);
  });

  it("is a reason where the guest has no package manager", async () => {
    const { exitCode, stderr } = await installed(folder, TOOL, { before: "rm /usr/bin/apt-get" });
    assert.equal(exitCode, 1);
    assert.match(stderr, /none of apt-get, .*pacman is there\n$/);
  });

  it("is installed once the guest, which has just booted, is done with looking for updates itself", async () => {
    const busy = `hold() { perl -MFcntl -e '${HOLD}' "$@" </dev/null >/dev/null 2>&1 & }
      hold /var/lib/apt/lists/lock 1 /tmp/lists
      hold /var/lib/dpkg/lock-frontend 4 /tmp/dpkg
      until [ -e /tmp/lists ] && [ -e /tmp/dpkg ]; do sleep 0.1; done`;
    const { exitCode, stdout, stderr } = await installed(folder, TOOL, { before: busy, after: TOOL });
    assert.deepEqual([exitCode, stdout], [0, "it runs\n"], stderr);
  });
});
