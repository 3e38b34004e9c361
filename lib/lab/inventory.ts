import { GUEST_CMDLINE, GUEST_SYSTEMS } from "./guest-files.js";
import type { GuestImages } from "./image.js";
import type { LabLayout, LabMachine } from "./layout.js";
import { EXPORT } from "./machine-files.js";

/**
 * The lab as any other pair of hosts: how to reach them and what they show as their keys. JSON, which is YAML.
 * @param hostKeys machine's host name → SHA256 fingerprint
 */
export function labInventory(
  lab: LabLayout,
  images: GuestImages,
  hostKeys: ReadonlyMap<string, string>,
  virtType: "kvm" | "qemu",
): string {
  const login = (machine: LabMachine) => ({
    name: machine.hostname,
    address: machine.address,
    user: "root",
    identityFile: `${lab.folder}/id`,
    hostKey: hostKeys.get(machine.hostname) ?? "",
  });
  const hosts = lab.machines.filter(({ kind }) => kind === "host");
  const storage = lab.machines.find(({ kind }) => kind === "storage");
  const inventory = {
    hosts: hosts.map((machine) => ({
      ...login(machine),
      peerUri: `qemu+tcp://${machine.hostname}/system`,
      migrationAddress: machine.migrationAddress,
      firewall: "iptables",
      import: "definition",
    })),
    ...(storage === undefined ? {} : { storage: { ...served(storage.hostname), machine: login(storage) } }),
    images: Object.fromEntries(
      [{ image: "tiny", disk: "tiny-a" }, ...GUEST_SYSTEMS.map(({ image }) => ({ image, disk: image }))].map(
        ({ image, disk }) => [image, labImage(images, `base/${disk}.qcow2`)],
      ),
    ),
    network: { bridge: "br0", addressing: "static", pool: lab.guestPool },
    virtType,
  };
  return `${JSON.stringify(inventory, null, 2)}\n`;
}

const served = (server: string) => ({
  ...{ kind: "nfs", server, export: EXPORT, path: EXPORT },
  iscsi: { portal: server, iqnPrefix: "iqn.2026-11.lab.migstorm" },
  nbd: { server },
});

const labImage = (images: GuestImages, disk: string) => ({
  disk,
  kernel: images.kernel,
  initrd: images.initrd,
  cmdline: GUEST_CMDLINE,
  login: { user: "root", identityFile: images.identityFile, hostKey: images.hostKey },
});
