import { z } from "zod";

const NAME = /^[a-z0-9][a-z0-9.-]{0,62}$/i;
const name = z.string().regex(NAME, "use letters, digits, dots and hyphens, at most 63");
const address = z.string().regex(/^[A-Za-z0-9.:_-]+$/, "write a host name or an IP address");
const absolutePath = z.string().regex(/^\/[^\0]*$/, "write an absolute path");
const fingerprint = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, "write the fingerprint as `ssh-keygen -lf` prints it: SHA256:…");
const environmentName = z
  .string()
  .regex(/^[A-Z_][A-Z0-9_]*$/, "name an environment variable; the secret itself never stands here");

/** How to log in to a machine over ssh. Paths, the agent or names of environment variables; never a secret. */
const login = {
  address,
  port: z.int().min(1).max(65535).default(22),
  user: z
    .string()
    .regex(/^[A-Za-z0-9._-]+$/)
    .default("root"),
  identityFile: absolutePath.describe("Private key on the runner.").optional(),
  passphraseEnv: environmentName.describe("Environment variable that holds the key's passphrase.").optional(),
  passwordEnv: environmentName
    .describe("Environment variable that holds the login password, for machines without keys.")
    .optional(),
  agent: z.boolean().describe("Use the ssh agent of the runner (SSH_AUTH_SOCK).").default(false),
  hostKey: fingerprint.describe("Fingerprint that the server must show.").optional(),
  knownHosts: absolutePath
    .describe("known_hosts file to check the server's key against; ~/.ssh/known_hosts when neither is given.")
    .optional(),
  become: z.enum(["none", "sudo"]).describe("How to become root there.").default("none"),
};

const machineSchema = z.strictObject({ name, ...login });

const hostSchema = z.strictObject({
  name,
  ...login,
  address: address.optional(),
  local: z.boolean().describe("The runner itself is this host: commands run directly, without ssh.").default(false),
  connectUri: z
    .string()
    .describe("libvirt URI that virsh on this host uses for its own libvirt.")
    .default("qemu:///system"),
  peerUri: z
    .string()
    .regex(/^[a-z]+(\+[a-z]+)?:\/\/[^\s]+$/, "write a libvirt URI, e.g. qemu+tcp://h1/system")
    .describe(
      "libvirt URI under which the other hosts reach this one, e.g. qemu+tcp://h1/system, qemu+ssh://root@h1/system.",
    ),
  migrationAddress: address
    .describe(
      "Address to which the other hosts send the migration stream; without it QEMU connects to the host's name.",
    )
    .optional(),
  firewall: z
    .enum(["iptables", "nftables", "firewalld", "none"])
    .describe("Which tool opens ports on this host. none: nothing has to be opened.")
    .default("none"),
  import: z
    .enum(["auto", "virt-install", "definition"])
    .describe("How guests are brought up: virt-install where there is one (auto), always, or never.")
    .default("auto"),
});

/** Block volumes: their files lie in the storage's folder, and the machine that makes disks serves them. */
const blockServers = {
  iscsi: z
    .strictObject({
      portal: address.describe("Name or address of the machine that makes disks, as the hosts see it."),
      port: z.int().min(1).max(65535).default(3260),
      iqnPrefix: z
        .string()
        .regex(
          /^iqn\.\d{4}-\d{2}\.[a-z0-9.-]{1,60}(:[a-z0-9.:-]{1,60})?$/,
          "write a name as iqn.2026-01.com.example:lab",
        )
        .describe("Begin of the targets' names; the volume's own follows after a colon."),
    })
    .describe("tgtd runs there: targets are made with tgtadm, one for each volume.")
    .optional(),
  nbd: z
    .strictObject({
      server: address.describe("Name or address of the machine that makes disks, as the hosts see it."),
      firstPort: z.int().min(1).max(65535).default(10809),
      lastPort: z.int().min(1).max(65535).default(10908),
    })
    .refine(({ firstPort, lastPort }) => firstPort <= lastPort, "lastPort is below firstPort")
    .describe("qemu-nbd is there: one for each volume, each on a free port from firstPort to lastPort.")
    .optional(),
};

const storageSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  /** A directory that every host has at the same path, e.g. an NFS mount. Files are made there by the first host. */
  z.strictObject({ kind: z.literal("directory"), path: absolutePath, ...blockServers }),
  /** An NFS server that QEMU itself speaks to (block driver `nfs`). Files are made on the serving machine. */
  z.strictObject({
    kind: z.literal("nfs"),
    server: address.describe("Name or address of the server as the hosts see it."),
    export: absolutePath.describe("Path of the export as NFS clients name it."),
    machine: machineSchema.describe("The serving machine, and where the export lies in its file system."),
    path: absolutePath,
    ...blockServers,
  }),
]);

const imageSchema = z.strictObject({
  disk: z
    .string()
    .regex(/^[A-Za-z0-9._/-]+$/)
    .describe(
      "Base disk, relative to the storage's folder; each guest gets a linked clone. Absent: a guest without a disk.",
    )
    .optional(),
  diskFormat: z.enum(["qcow2", "raw"]).default("qcow2"),
  diskBus: z.enum(["virtio", "scsi", "sata"]).default("virtio"),
  kernel: absolutePath.describe("Direct kernel boot: files at the same path on every host.").optional(),
  initrd: absolutePath.optional(),
  cmdline: z
    .string()
    .describe("Kernel command line; {address}, {prefix}, {gateway} and {hostname} are filled in for each guest.")
    .optional(),
  machine: z.string().optional(),
  arch: z.string().default("x86_64"),
  osinfo: z.string().describe("libosinfo's short id, for virt-install.").optional(),
  installTools: z
    .boolean()
    .describe(
      "A stress tool that a guest of this image lacks is installed there by the guest's own package manager, from a repository that the guest reaches.",
    )
    .default(false),
  login: z.strictObject({
    user: z.string().default("root"),
    port: z.int().min(1).max(65535).default(22),
    identityFile: absolutePath.optional(),
    passphraseEnv: environmentName.optional(),
    passwordEnv: environmentName.optional(),
    agent: z.boolean().default(false),
    hostKey: z
      .union([fingerprint, z.literal("first-use")])
      .describe(
        "The key that every guest of this image shows, or first-use: pinned when a guest is first met, then held to it.",
      ),
    become: z.enum(["none", "sudo"]).default("none"),
  }),
});

export const inventorySchema = z.strictObject({
  hosts: z
    .array(hostSchema)
    .min(2, "a migration needs two hosts")
    .describe("Two hosts at least; a scenario uses the first two unless told otherwise."),
  observer: machineSchema
    .describe("Where pings come from and guests are logged in to; absent: the runner itself.")
    .optional(),
  storage: storageSchema.default({ kind: "none" }),
  localFolder: absolutePath
    .describe("Folder that every host has for itself at this path: disks that are not shared lie there.")
    .default("/var/lib/libvirt/images"),
  images: z.record(name, imageSchema),
  network: z.strictObject({
    bridge: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,15}$/)
      .describe("Bridge on every host that guests hang on."),
    addressing: z
      .enum(["static", "discover"])
      .describe("static: addresses from pool, handed over on the kernel command line. discover: asked from libvirt.")
      .default("discover"),
    pool: z
      .string()
      .regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/)
      .describe("First address that guests may have, with the prefix length: 198.18.1.1/16.")
      .optional(),
    gateway: address.optional(),
  }),
  virtType: z
    .enum(["auto", "kvm", "qemu"])
    .describe("libvirt domain type; auto asks each host whether KVM is there.")
    .default("auto"),
});

/** The machines a job may use: an inventory file once read. Holds paths to secrets, never secrets. */
export type Inventory = z.infer<typeof inventorySchema>;
/** A hypervisor. libvirt says "node"; here it is always "host", and the VM is always "guest". */
export type Host = z.infer<typeof hostSchema>;
export type Machine = z.infer<typeof machineSchema>;
export type Image = z.infer<typeof imageSchema>;
export type Storage = z.infer<typeof storageSchema>;
