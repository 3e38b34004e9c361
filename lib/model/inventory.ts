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
  /** Private key on the runner. */
  identityFile: absolutePath.optional(),
  /** Environment variable that holds the key's passphrase. */
  passphraseEnv: environmentName.optional(),
  /** Environment variable that holds the login password, for machines without keys. */
  passwordEnv: environmentName.optional(),
  /** Use the ssh agent of the runner (SSH_AUTH_SOCK). */
  agent: z.boolean().default(false),
  /** Fingerprint that the server must show. */
  hostKey: fingerprint.optional(),
  /** known_hosts file to check the server's key against; `~/.ssh/known_hosts` when neither is given. */
  knownHosts: absolutePath.optional(),
  /** How to become root there. */
  become: z.enum(["none", "sudo"]).default("none"),
};

const machineSchema = z.strictObject({ name, ...login });

const hostSchema = z.strictObject({
  name,
  ...login,
  address: address.optional(),
  /** The runner itself is this host: commands run directly, without ssh. */
  local: z.boolean().default(false),
  /** libvirt URI that virsh on this host uses for its own libvirt. */
  connectUri: z.string().default("qemu:///system"),
  /** libvirt URI under which the other hosts reach this one, e.g. `qemu+tcp://h1/system`, `qemu+ssh://root@h1/system`. */
  peerUri: z.string().regex(/^[a-z]+(\+[a-z]+)?:\/\/[^\s]+$/, "write a libvirt URI, e.g. qemu+tcp://h1/system"),
  /** Address to which the other hosts send the migration stream; without it QEMU connects to the host's name. */
  migrationAddress: address.optional(),
  /** Which tool opens ports on this host. `none`: nothing has to be opened. */
  firewall: z.enum(["iptables", "nftables", "firewalld", "none"]).default("none"),
  /** How guests are brought up: virt-install where there is one (`auto`), always, or never. */
  import: z.enum(["auto", "virt-install", "definition"]).default("auto"),
});

const storageSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  /** A directory that every host has at the same path, e.g. an NFS mount. Files are made there by the first host. */
  z.strictObject({ kind: z.literal("directory"), path: absolutePath }),
  /** An NFS server that QEMU itself speaks to (block driver `nfs`). Files are made on the serving machine. */
  z.strictObject({
    kind: z.literal("nfs"),
    /** Name or address of the server as the hosts see it. */
    server: address,
    /** Path of the export as NFS clients name it. */
    export: absolutePath,
    /** The serving machine, and where the export lies in its file system. */
    machine: machineSchema,
    path: absolutePath,
  }),
]);

const imageSchema = z.strictObject({
  /** Base disk, relative to the storage's folder; each guest gets a linked clone. Absent: a guest without a disk. */
  disk: z
    .string()
    .regex(/^[A-Za-z0-9._/-]+$/)
    .optional(),
  diskFormat: z.enum(["qcow2", "raw"]).default("qcow2"),
  diskBus: z.enum(["virtio", "scsi", "sata"]).default("virtio"),
  /** Direct kernel boot: files at the same path on every host. */
  kernel: absolutePath.optional(),
  initrd: absolutePath.optional(),
  /** Kernel command line; `{address}`, `{prefix}`, `{gateway}` and `{hostname}` are filled in for each guest. */
  cmdline: z.string().optional(),
  machine: z.string().optional(),
  arch: z.string().default("x86_64"),
  /** libosinfo's short id, for virt-install. */
  osinfo: z.string().optional(),
  login: z.strictObject({
    user: z.string().default("root"),
    port: z.int().min(1).max(65535).default(22),
    identityFile: absolutePath.optional(),
    passphraseEnv: environmentName.optional(),
    passwordEnv: environmentName.optional(),
    agent: z.boolean().default(false),
    /** The key that every guest of this image shows, or `first-use`: pinned when a guest is first met, then held to it. */
    hostKey: z.union([fingerprint, z.literal("first-use")]),
    become: z.enum(["none", "sudo"]).default("none"),
  }),
});

export const inventorySchema = z.strictObject({
  /** Two hosts at least; a scenario uses the first two unless told otherwise. */
  hosts: z.array(hostSchema).min(2, "a migration needs two hosts"),
  /** Where pings come from and guests are logged in to; absent: the runner itself. */
  observer: machineSchema.optional(),
  storage: storageSchema.default({ kind: "none" }),
  images: z.record(name, imageSchema),
  network: z.strictObject({
    /** Bridge on every host that guests hang on. */
    bridge: z.string().regex(/^[A-Za-z0-9._-]{1,15}$/),
    /** `static`: addresses from `pool`, handed over on the kernel command line. `discover`: asked from libvirt. */
    addressing: z.enum(["static", "discover"]).default("discover"),
    /** First address that guests may have, with the prefix length: `198.18.1.1/16`. */
    pool: z
      .string()
      .regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/)
      .optional(),
    gateway: address.optional(),
  }),
  /** libvirt domain type; `auto` asks each host whether KVM is there. */
  virtType: z.enum(["auto", "kvm", "qemu"]).default("auto"),
});

/** The machines a job may use: an inventory file once read. Holds paths to secrets, never secrets. */
export type Inventory = z.infer<typeof inventorySchema>;
/** A hypervisor. libvirt says "node"; here it is always "host", and the VM is always "guest". */
export type Host = z.infer<typeof hostSchema>;
export type Machine = z.infer<typeof machineSchema>;
export type Image = z.infer<typeof imageSchema>;
export type Storage = z.infer<typeof storageSchema>;
