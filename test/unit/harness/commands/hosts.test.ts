import assert from "node:assert/strict";
import { chosenHosts } from "../../../../harness/commands/hosts.js";
import { inventorySchema } from "../../../../lib/model/inventory.js";

const INVENTORY = inventorySchema.parse({
  hosts: ["alpha", "beta", "gamma"].map((name) => ({ name, peerUri: `qemu+tcp://${name}/system` })),
  images: {},
  network: { bridge: "br0" },
});

describe("the hosts of a job", () => {
  it("are the first two, or the named ones", () => {
    assert.deepEqual(
      chosenHosts(INVENTORY).map(({ name }) => name),
      ["alpha", "beta"],
    );
    assert.deepEqual(
      chosenHosts(INVENTORY, ["gamma", "alpha"]).map(({ name }) => name),
      ["gamma", "alpha"],
    );
  });
  it("are suggested where one is misspelt", () =>
    assert.throws(() => chosenHosts(INVENTORY, ["alpha", "bata"]), {
      code: "bad-input",
      message: "the inventory has no host bata, did you mean beta?; it has alpha, beta, gamma",
    }));
});
