import { z } from "zod";
import { oneOrMore } from "./one-or-more.js";
import { memorySize } from "./units.js";

const settingName = z.string().regex(/^[A-Za-z0-9:._-]{1,100}$/, "a setting's name has letters, digits, :, ., _ and -");
const settings = z.record(settingName, z.string().max(255));

const disk = z.strictObject({
  use: z
    .enum(["ephemeral", "swap"])
    .describe("ephemeral: a file system with files that are read back after the legs; swap: in use all the time."),
  on: z
    .enum(["nfs", "iscsi", "nbd", "local"])
    .describe("Where it lies: on a server that QEMU itself speaks to, or in a file of each host's own.")
    .default("nfs"),
  size: memorySize.describe("How large it is, e.g. 64MiB.").default(64),
});

const metadataChange = z.strictObject({
  beforeLeg: z.int().min(1).max(1_000_000).describe("Right before this leg, while the guest runs."),
  metadata: settings.describe("Becomes the metadata of every guest, in place of what it was."),
});

export const guests = z.strictObject({
  count: z.int().min(1).max(1000).describe("How many guests migrate.").default(1),
  image: oneOrMore(z.string().regex(/^[A-Za-z0-9.-]+$/))
    .describe("Images of the inventory, by name; several are spread over the guests in turn.")
    .default(["tiny"]),
  vcpus: z.int().min(1).max(512).describe("Virtual CPUs of each guest.").default(1),
  memory: memorySize.describe("Memory of each guest, e.g. 192MiB or 4GiB.").default(192),
  cache: z
    .enum(["none", "writethrough", "writeback", "directsync", "unsafe"])
    .describe("Cache mode of the guests' disks.")
    .default("none"),
  boot: z
    .enum(["image", "volume"])
    .describe("The root disk: a linked clone of the image's disk, or a volume of its own behind iSCSI.")
    .default("image"),
  disks: z.array(disk).max(8).describe("Further disks of each guest.").default([]),
  localPool: z
    .boolean()
    .describe("Every host has a local storage pool (local_image backing), in which the guests have no disk.")
    .default(false),
  flavor: z
    .strictObject({ extraSpecs: settings.describe("Its extra specs, name: text.").default({}) })
    .describe("What the guest's flavor says: hw:wrs:live_migration_tunnel and the like.")
    .optional(),
  metadata: settings.describe("What the guest's own metadata says; it stands in its definition.").optional(),
  imageProperties: settings.describe("What the image of the guest says.").optional(),
  metadataChanges: z.array(metadataChange).describe("Metadata that changes while the guest runs.").default([]),
});
