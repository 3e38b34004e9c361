import { cp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { freemem } from "node:os";
import { join } from "node:path";
import { HarnessError } from "../errors.js";
import { endGroup, makeGroup } from "./cgroup.js";
import { labDown } from "./down.js";
import { type GuestImages, guestImages } from "./image.js";
import { labInventory } from "./inventory.js";
import { kvmWorks } from "./kvm.js";
import { LAB_NAME, LABS_FOLDER, type LabLayout, labLayout } from "./layout.js";
import { CAPABILITIES, type MachineOptions, makeFiles, ready, startMachine } from "./machine.js";
import { rememberFolder } from "./namespaces.js";
import { makeNetwork, makeSwitch } from "./network.js";
import { bootId, ownerOf, writeOwner } from "./owner.js";
import { labQemu } from "./qemu.js";
import { joining, must } from "./sh.js";
import { claimSlot, hasFolder } from "./slots.js";
import { makeCa } from "./tls.js";

export interface LabOptions {
  readonly name?: string;
  readonly hosts?: number;
  /** Memory that each host may use, MiB; without it an equal share of most of what is free. */
  readonly memoryMiB?: number;
  /** Whether the lab is to outlive this process (the default). One that is not is taken over once its maker is gone. */
  readonly isLasting?: boolean;
}

export interface LabInfo {
  readonly name: string;
  readonly inventoryPath: string;
  /** Everything that the lab has on this machine's file system. */
  readonly stateDir: string;
  /** Host names of the hypervisors. */
  readonly hosts: readonly string[];
  readonly virtType: "kvm" | "qemu";
}

/**
 * Brings up a lab: libvirt hosts and a storage machine, each in namespaces of its own on this machine. What a killed
 * run left half made under that name is taken away first.
 * @throws HarnessError `bad-input` when one of that name is up already; what was made so far is taken away on failure
 */
export async function labUp(
  options: LabOptions = {},
  report: (line: string) => void = () => undefined,
): Promise<LabInfo> {
  const { name = "lab", hosts = 2, isLasting = true } = options;
  const memoryMiB = options.memoryMiB ?? shareMiB(hosts);
  checkOptions(name, hosts);
  const images = await guestImages(report);
  const virtType = (await kvmWorks(images, report)) ? "kvm" : "qemu";
  const qemu = virtType === "qemu" ? await labQemu(report) : undefined;
  await clearRemains(name);
  const lab = labLayout(name, await claimSlot(name), hosts);
  try {
    await writeOwner(name, isLasting);
    await build(lab, images, { virtType, qemu, memoryMiB });
  } catch (error) {
    await labDown(name);
    throw error;
  }
  const names = lab.machines.filter(({ kind }) => kind === "host").map(({ hostname }) => hostname);
  return { name, inventoryPath: lab.inventoryPath, stateDir: lab.folder, hosts: names, virtType };
}

/** Most of what is free, never all: a shortage on a lab host must not become one of the machine. */
const LAB_SHARE = 0.8;
const MIB = 2 ** 20;

const shareMiB = (hosts: number): number => Math.floor((freemem() * LAB_SHARE) / MIB / hosts);

function checkOptions(name: string, hosts: number): void {
  if (!LAB_NAME.test(name))
    throw new HarnessError("bad-input", `a lab's name is a to z, 0-9 and -, at most 16: ${name}`);
  if (!Number.isInteger(hosts) || hosts < 1 || hosts > 99)
    throw new HarnessError("bad-input", `a lab has 1 to 99 hosts, not ${hosts}`);
  if (process.getuid?.() !== 0) throw new HarnessError("bad-input", "a lab needs root: run this as root");
}

/** A lab whose maker died while making it, or with which it was to go, is nobody's any more. */
async function clearRemains(name: string): Promise<void> {
  if (!(await hasFolder(name))) return;
  const owner = await ownerOf(name);
  const isUp = await readFile(join(LABS_FOLDER, name, "inventory.yaml")).then(
    () => true,
    () => false,
  );
  const outlived = owner === undefined || owner.bootId !== (await bootId());
  if (owner?.isAlive && !isUp)
    throw new HarnessError("host-busy", `the lab ${name} is being brought up by process ${owner.pid}`);
  if (isUp && !outlived && (owner.isLasting || owner.isAlive))
    throw new HarnessError(
      "bad-input",
      `a lab named ${name} is up already: \`migstorm lab down --name ${name}\` takes it down`,
    );
  await labDown(name);
}

async function build(lab: LabLayout, images: GuestImages, options: MachineOptions): Promise<void> {
  const make = joining(await makeGroup(lab.makerGroup));
  await rememberFolder();
  await must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "migstorm-runner", "-f", join(lab.folder, "id")]);
  const publicKey = await readFile(join(lab.folder, "id.pub"), "utf8");
  await makeCa(lab);
  const capabilities = join(images.folder, "capabilities");
  await makeSwitch(make, lab);
  const keys = await Promise.all(
    lab.machines.map(async (machine) => {
      const [key] = await Promise.all([
        makeFiles(lab, machine, { publicKey, images, capabilities }),
        makeNetwork(make, lab, machine),
      ]);
      await startMachine(machine, images, options);
      await ready(machine);
      return [machine.hostname, key] as const;
    }),
  );
  await keepCapabilities(lab, capabilities);
  await writeFile(`${lab.inventoryPath}.new`, labInventory(lab, images, new Map(keys), options.virtType));
  await rename(`${lab.inventoryPath}.new`, lab.inventoryPath);
  await endGroup(lab.makerGroup);
}

/** What libvirt found out about QEMU takes it seconds; the next lab starts from it. Not worth failing for. */
async function keepCapabilities({ folder, name }: LabLayout, capabilities: string): Promise<void> {
  const fresh = `${capabilities}.${name}`;
  try {
    await cp(join(folder, "h1", "bind", CAPABILITIES), fresh, { recursive: true });
    await rm(capabilities, { recursive: true, force: true });
    await rename(fresh, capabilities);
  } catch {
    await rm(fresh, { recursive: true, force: true });
  }
}
