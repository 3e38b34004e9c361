import assert from "node:assert/strict";
import { inventorySchema } from "../../../../lib/model/inventory.js";

const host = (name: string, over: object = {}) => ({ name, peerUri: `qemu+tcp://${name}/system`, ...over });
const inventory = (over: object = {}) => ({
  hosts: [host("h1"), host("h2")],
  images: { tiny: { kernel: "/boot/vmlinuz", login: { hostKey: "first-use" } } },
  network: { bridge: "br0" },
  ...over,
});

describe("an inventory", () => {
  it("needs two hosts, a bridge and little else", () => {
    const parsed = inventorySchema.parse(inventory());
    assert.deepEqual(
      parsed.hosts.map(({ name, user, port, firewall, connectUri }) => [name, user, port, firewall, connectUri]),
      ["h1", "h2"].map((name) => [name, "root", 22, "none", "qemu:///system"]),
    );
    assert.equal(parsed.virtType, "auto");
    assert.deepEqual(parsed.storage, { kind: "none" });
  });

  it("may hold more than two hosts", () => {
    const hosts = ["h1", "h2", "h3"].map((name) => host(name));
    assert.equal(inventorySchema.parse(inventory({ hosts })).hosts.length, 3);
  });

  it("has nothing installed in guests unless an image says so", () => {
    const image = { kernel: "/boot/vmlinuz", login: { hostKey: "first-use" } };
    const { images } = inventorySchema.parse(inventory({ images: { a: image, b: { ...image, installTools: true } } }));
    assert.deepEqual([images.a?.installTools, images.b?.installTools], [false, true]);
  });

  const refused: readonly (readonly [string, object])[] = [
    ["one host", { hosts: [host("h1")] }],
    ["a password", { hosts: [host("h1", { password: "secret" }), host("h2")] }],
    [
      "a secret where the name of a variable is wanted",
      { hosts: [host("h1", { passwordEnv: "s3cret!" }), host("h2")] },
    ],
    ["an address that is an option", { hosts: [host("h1", { address: "h1 -oProxyCommand=x" }), host("h2")] }],
    ["a host key that is not a fingerprint", { hosts: [host("h1", { hostKey: "ssh-ed25519 AAAA" }), host("h2")] }],
    ["a key that trusts anything", { hosts: [host("h1", { hostKey: "first-use" }), host("h2")] }],
    ["a relative path of a key", { hosts: [host("h1", { identityFile: "id_ed25519" }), host("h2")] }],
    ["a firewall that nobody knows", { hosts: [host("h1", { firewall: "ufw" }), host("h2")] }],
    ["storage of an unknown kind", { storage: { kind: "iscsi" } }],
    ["a directory without its path", { storage: { kind: "directory" } }],
    ["an image without a login", { images: { tiny: { kernel: "/boot/vmlinuz" } } }],
    ["a bridge that no kernel would name so", { network: { bridge: "a-name-that-is-too-long" } }],
  ];
  for (const [what, over] of refused)
    it(`refuses ${what}`, () => assert.equal(inventorySchema.safeParse(inventory(over)).success, false));
});
