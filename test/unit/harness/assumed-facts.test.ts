import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { assumedFacts } from "../../../harness/assumed-facts.js";
import { expand } from "../../../harness/expand.js";
import { loadScenario } from "../../../harness/load.js";
import { unmet } from "../../../harness/requirements.js";
import { inventorySchema } from "../../../lib/model/inventory.js";

const SCENARIOS = resolve(import.meta.dirname, "../../../scenarios");

describe("a plan that asks no host", () => {
  it("calls none of the shipped cases impossible for a program that is missing", async () => {
    const inventory = inventorySchema.parse({
      hosts: ["h1", "h2"].map((name) => ({ name, peerUri: `qemu+tcp://${name}/system` })),
      images: {},
      network: { bridge: "br0" },
    });
    const facts = inventory.hosts.map(assumedFacts);
    for (const name of (await readdir(SCENARIOS)).filter((file) => file.endsWith(".yaml")))
      for (const one of expand(await loadScenario(join(SCENARIOS, name))))
        assert.deepEqual(
          unmet(one, inventory, facts).filter((reason) => reason.includes("install the package")),
          [],
          one.id,
        );
  });
});
