import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { until } from "../poll.js";
import { makeGroup } from "./cgroup.js";
import type { GuestImages } from "./image.js";
import type { LabLayout, LabMachine } from "./layout.js";
import {
  EXPORT,
  HOST_DAEMONS,
  INIT,
  LOCAL_FOLDER,
  machineFiles,
  ownFolders,
  STORAGE_DAEMONS,
  TLS_FOLDER,
} from "./machine-files.js";
import { here, joining, must } from "./sh.js";
import { makeCertificate } from "./tls.js";

const READY_MS = 120_000;
const ISCSI_PORT = 3260;

/**
 * Writes what a machine has for itself.
 * @returns the fingerprint of its ssh host key
 */
export async function makeFiles(
  lab: LabLayout,
  machine: LabMachine,
  { publicKey, images, capabilities }: { publicKey: string; images: GuestImages; capabilities: string },
): Promise<string> {
  // Not recursive: when the lab was taken down meanwhile, this ends here.
  await mkdir(machine.folder);
  const bind = join(machine.folder, "bind");
  const folders = ownFolders(machine);
  for (const folder of folders) await mkdir(join(bind, folder), { recursive: true });
  for (const [path, text] of Object.entries(machineFiles(lab, machine))) {
    await mkdir(dirname(join(bind, path)), { recursive: true });
    await writeFile(join(bind, path), text);
  }
  for (const folder of ["/tmp", "/var/tmp"]) await chmod(join(bind, folder), 0o1777);
  await mkdir(join(bind, "root/.ssh"), { recursive: true, mode: 0o700 });
  await chmod(join(bind, "root"), 0o700);
  await writeFile(join(bind, "root/.ssh/authorized_keys"), publicKey, { mode: 0o600 });
  await writeFile(join(machine.folder, "folders"), folders.map((folder) => `${folder}\n`).join(""));
  await writeFile(join(machine.folder, "init.sh"), INIT);
  await writeFile(join(machine.folder, "daemons.sh"), machine.kind === "host" ? HOST_DAEMONS : STORAGE_DAEMONS);
  if (machine.kind === "storage") await copyDisks(images, join(bind, EXPORT));
  else await copyIfThere(capabilities, join(bind, CAPABILITIES));
  if (machine.kind === "host") {
    await mkdir(join(bind, LOCAL_FOLDER), { recursive: true });
    await makeCertificate(lab, machine, join(bind, TLS_FOLDER));
  }
  return hostKey(machine, join(bind, "etc/ssh/ssh_host_ed25519_key"));
}

/** Where libvirt remembers what it found out about QEMU; it checks by itself whether that still holds. */
export const CAPABILITIES = "/var/cache/libvirt/qemu/capabilities";

const copyDisks = (images: GuestImages, folder: string): Promise<void> =>
  cp(images.disks, join(folder, "base"), { recursive: true });

const copyIfThere = (from: string, to: string): Promise<void> =>
  cp(from, to, { recursive: true }).catch(() => undefined);

async function hostKey({ hostname }: LabMachine, path: string): Promise<string> {
  await must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", hostname, "-f", path]);
  return (await must("ssh-keygen", ["-lf", `${path}.pub`])).split(" ")[1] ?? "";
}

/**
 * tini is process 1 inside: something has to reap what libvirt orphans, or every probe of QEMU stays a zombie and
 * libvirt waits for it. When the outer process dies the kernel ends everything inside. Nothing of the runner's
 * environment goes in.
 */
const START = `folder="$1"; namespace="$2"; shift 2
exec setsid -f env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \\
  ip netns exec "$namespace" unshare --mount --uts --pid --ipc --fork --mount-proc --kill-child \\
  tini -- sh "$folder/init.sh" "$folder" "$@" >"$folder/init.log" 2>&1 </dev/null`;

export interface MachineOptions {
  readonly virtType: "kvm" | "qemu";
  /** Folder whose QEMU takes the place of the installed one. */
  readonly qemu?: string | undefined;
  readonly memoryMiB?: number | undefined;
}

export async function startMachine(machine: LabMachine, images: GuestImages, options: MachineOptions): Promise<void> {
  const group = await makeGroup(machine.group, machine.kind === "host" ? options.memoryMiB : undefined);
  const qemu = machine.kind === "host" && options.qemu !== undefined ? [options.qemu] : [];
  const kvm = options.virtType === "kvm" ? "show-kvm" : "hide-kvm";
  await joining(group)(START, [machine.folder, machine.namespace, machine.hostname, kvm, images.folder, ...qemu]);
}

/** Its ssh and what it is there for answer. */
export async function ready(machine: LabMachine): Promise<void> {
  const answered = machine.kind === "host" ? hostAnswers : storageAnswers;
  await until(() => answered(machine), {
    everyMs: 20,
    timeoutMs: READY_MS,
    what: `${machine.hostname} to come up (see ${machine.folder}/init.log)`,
  });
}

/** `started` is the last thing that a machine's first script makes; the port is the proof that others reach it. */
async function hostAnswers(machine: LabMachine): Promise<boolean> {
  return (await answers(machine.address, 16509)) && (await answers(machine.address, 22)) && hasStarted(machine);
}

/** Every machine's /run is its own, so this one is seen through the machine's folder. */
const hasStarted = ({ folder }: LabMachine): Promise<boolean> =>
  readFile(join(folder, "started")).then(
    () => true,
    () => false,
  );

/** QEMU's own client opens a base disk: port mapper, mount protocol and server all work. */
async function storageAnswers({ address }: LabMachine): Promise<boolean> {
  for (const port of [2049, 22, ISCSI_PORT]) if (!(await answers(address, port))) return false;
  const disk = `nfs://${address}${EXPORT}/base/tiny-a.qcow2`;
  return (await here({ file: "qemu-img", args: ["info", "-U", disk], timeoutMs: 10_000 })).exitCode === 0;
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
