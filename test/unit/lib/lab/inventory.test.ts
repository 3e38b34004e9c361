import assert from "node:assert/strict";
import { labInventory } from "../../../../lib/lab/inventory.js";
import { labLayout } from "../../../../lib/lab/layout.js";
import { inventorySchema } from "../../../../lib/model/inventory.js";

const KEY = `SHA256:${"A".repeat(43)}`;
const lab = labLayout("lab", 2, 2);
const images = {
  folder: "/cache/image-1",
  kernel: "/cache/image-1/kernel",
  initrd: "/cache/image-1/initrd.img",
  disks: "/cache/image-1/disks",
  identityFile: "/cache/image-1/id",
  hostKey: KEY,
};
const keys = new Map(lab.machines.map(({ hostname }) => [hostname, KEY]));
const inventory = inventorySchema.parse(JSON.parse(labInventory(lab, images, keys, "qemu")));

describe("inventory of a lab", () => {
  it("has each host with its key, its peer URI and its address on the migration network", () => {
    assert.deepEqual(
      inventory.hosts.map(({ name, address, hostKey, peerUri, migrationAddress, firewall }) => ({
        ...{ name, address, hostKey, peerUri, migrationAddress, firewall },
      })),
      [1, 2].map((number) => ({
        name: `lab-h${number}`,
        address: `198.18.32.${10 + number}`,
        hostKey: KEY,
        peerUri: `qemu+tcp://lab-h${number}/system`,
        migrationAddress: `198.19.2.${10 + number}`,
        firewall: "iptables",
      })),
    );
  });

  it("has the disks on the third machine", () => {
    assert.ok(inventory.storage.kind === "nfs");
    assert.equal(inventory.storage.server, "lab-s1");
    assert.equal(inventory.storage.machine.hostKey, KEY);
  });

  it("offers four systems, and one of them under a plain name", () => {
    assert.deepEqual(Object.keys(inventory.images), ["tiny", "tiny-a", "tiny-b", "tiny-c", "tiny-d"]);
    assert.equal(inventory.images.tiny?.disk, inventory.images["tiny-a"]?.disk);
  });

  it("fails the schema when the key of a machine is not known", () => {
    assert.equal(inventorySchema.safeParse(JSON.parse(labInventory(lab, images, new Map(), "qemu"))).success, false);
  });
});
