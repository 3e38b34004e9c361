import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { HarnessError } from "../errors.js";
import { until } from "../poll.js";
import { joinCgroup, type MemoryLimit } from "./cgroup.js";
import { labDown } from "./down.js";
import { type GuestImages, guestImages } from "./image.js";
import { labInventory } from "./inventory.js";
import { kvmWorks } from "./kvm.js";
import { LAB_NAME, type LabLayout, type LabMachine, labLayout } from "./layout.js";
import { EXPORT, HOST_DAEMONS, INIT, machineFiles, ownFolders, STORAGE_DAEMONS } from "./machine-files.js";
import { makeBridges, makeNetwork } from "./network.js";
import { must, mustSh } from "./sh.js";
import { claimSlot } from "./slots.js";

export interface LabOptions {
  readonly name?: string;
  readonly hosts?: number;
  /** Memory that each host may use, MiB; without it what this machine has. */
  readonly memoryMiB?: number;
}

export interface LabInfo {
  readonly name: string;
  readonly inventoryPath: string;
  /** Host names of the hypervisors. */
  readonly hosts: readonly string[];
  readonly virtType: "kvm" | "qemu";
}

/**
 * Brings up a lab: libvirt hosts and a storage machine, each in namespaces of its own on this machine.
 * @throws HarnessError `bad-input` when one of that name is up already; what was made so far is taken away on failure
 */
export async function labUp(
  options: LabOptions = {},
  report: (line: string) => void = () => undefined,
): Promise<LabInfo> {
  const { name = "lab", hosts = 2, memoryMiB } = options;
  if (!LAB_NAME.test(name))
    throw new HarnessError("bad-input", `a lab's name is at most 16 of a-z, 0-9 and -: ${name}`);
  const images = await guestImages(report);
  const virtType = (await kvmWorks(images)) ? "kvm" : "qemu";
  const slot = await claimSlot(name);
  const lab = labLayout(name, slot, hosts);
  try {
    await build(lab, images, virtType, memoryMiB);
  } catch (error) {
    await labDown(name);
    throw error;
  }
  const names = lab.machines.filter(({ kind }) => kind === "host").map(({ hostname }) => hostname);
  return { name, inventoryPath: lab.inventoryPath, hosts: names, virtType };
}

async function build(
  lab: LabLayout,
  images: GuestImages,
  virtType: "kvm" | "qemu",
  memoryMiB: MemoryLimit,
): Promise<void> {
  await must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "migstorm-runner", "-f", join(lab.folder, "id")]);
  const publicKey = await readFile(join(lab.folder, "id.pub"), "utf8");
  const [keys] = await Promise.all([
    Promise.all(lab.machines.map((machine) => makeFiles(lab, machine, publicKey, images))),
    makeBridges(lab),
  ]);
  await Promise.all(
    lab.machines.map(async (machine) => {
      await makeNetwork(lab, machine);
      await startMachine(machine, virtType, memoryMiB);
      await ready(machine);
    }),
  );
  await writeFile(lab.inventoryPath, labInventory(lab, images, new Map(keys), virtType));
}

/** @returns the machine's host name and the fingerprint of its host key */
async function makeFiles(
  lab: LabLayout,
  machine: LabMachine,
  publicKey: string,
  images: GuestImages,
): Promise<readonly [string, string]> {
  const bind = join(machine.folder, "bind");
  for (const folder of ownFolders(machine)) {
    await mkdir(join(bind, folder), { recursive: true });
    await writeFile(join(bind, `${folder}.bind`), "");
  }
  for (const [path, text] of Object.entries(machineFiles(lab, machine))) {
    await mkdir(dirname(join(bind, path)), { recursive: true });
    await writeFile(join(bind, path), text);
  }
  for (const folder of ["/tmp", "/var/tmp"]) await chmod(join(bind, folder), 0o1777);
  await mkdir(join(bind, "root/.ssh"), { recursive: true, mode: 0o700 });
  await chmod(join(bind, "root"), 0o700);
  await writeFile(join(bind, "root/.ssh/authorized_keys"), publicKey, { mode: 0o600 });
  await writeFile(join(machine.folder, "init.sh"), INIT);
  await writeFile(join(machine.folder, "daemons.sh"), machine.kind === "host" ? HOST_DAEMONS : STORAGE_DAEMONS);
  const key = join(bind, "etc/ssh/ssh_host_ed25519_key");
  await must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", machine.hostname, "-f", key]);
  if (machine.kind === "storage")
    await mustSh('mkdir -p "$2/base" && cp --reflink=auto "$1"/*.qcow2 "$2/base/"', [images.disks, join(bind, EXPORT)]);
  const shown = await must("ssh-keygen", ["-lf", `${key}.pub`]);
  return [machine.hostname, shown.split(" ")[1] ?? ""];
}

/**
 * tini is process 1 inside: something has to reap what libvirt orphans, or every probe of QEMU stays a zombie and
 * libvirt waits for it. When the outer process dies the kernel ends everything inside.
 */
const START = `folder="$1"; namespace="$2"; hostname="$3"; kvm="$4"; shift 4
exec setsid -f ip netns exec "$namespace" unshare --mount --uts --pid --ipc --fork --mount-proc --kill-child \\
  tini -- sh "$folder/init.sh" "$folder" "$hostname" "$kvm" >"$folder/init.log" 2>&1 </dev/null`;

async function startMachine(machine: LabMachine, virtType: "kvm" | "qemu", memoryMiB: MemoryLimit): Promise<void> {
  const args = [machine.folder, machine.namespace, machine.hostname, virtType === "kvm" ? "show-kvm" : "hide-kvm"];
  await mustSh(`${await joinCgroup(machine, memoryMiB)}\n${START}`, args);
}

const READY_MS = 60_000;

/** Its ssh and what it is there for answer. */
async function ready(machine: LabMachine): Promise<void> {
  const ports = machine.kind === "host" ? [22, 16509] : [22, 2049];
  await Promise.all(
    ports.map((port) =>
      until(() => answers(machine.address, port), {
        everyMs: 50,
        timeoutMs: READY_MS * Math.max(1, 4 / cpus().length),
        what: `port ${port} of ${machine.hostname} (see ${machine.folder}/init.log)`,
      }),
    ),
  );
}

const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
    socket.once("timeout", () => done(false));
  });
