import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { jsonSchemas } from "../../../../harness/commands/schema.js";
import { expand } from "../../../../harness/expand.js";
import { loadInventory, loadProfile, loadScenario } from "../../../../harness/load.js";

const root = resolve(import.meta.dirname, "../../../..");

describe("the schemas for editors", () => {
  for (const [name, text] of Object.entries(jsonSchemas()))
    it(`cfg/schema/${name} is what the present code gives; npm run schema writes it anew`, () => {
      assert.equal(readFileSync(join(root, "cfg/schema", name), "utf8"), text);
      assert.equal(JSON.parse(text).$schema, "https://json-schema.org/draft/2020-12/schema");
    });

  it("describe every key of a scenario, so that an editor can explain it", () => {
    const { properties } = JSON.parse(jsonSchemas()["scenario.json"] ?? "");
    const sections = Object.values(properties.base.properties as Record<string, Described>);
    const keys = sections.flatMap((section) => Object.entries({ ...section.properties, ...section.items?.properties }));
    assert.ok(keys.length > 20);
    assert.deepEqual(
      keys.filter(([, { description }]) => description === undefined),
      [],
    );
  });
});

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly items?: Described;
}

describe("the files that are shipped", () => {
  const shipped = readdirSync(join(root, "scenarios")).filter((name) => name.endsWith(".yaml"));
  for (const name of shipped)
    it(`scenarios/${name} loads, expands, and tells editors where its schema is`, async () => {
      const file = join(root, "scenarios", name);
      assert.ok(expand(await loadScenario(file)).length > 0);
      assert.match(readFileSync(file, "utf8"), /^# yaml-language-server: \$schema=\.\.\/cfg\/schema\/scenario\.json$/m);
    });

  it("cfg/lab.yaml loads, and tells editors where its schema is", async () => {
    const { profile } = await loadProfile(join(root, "cfg/lab.yaml"));
    assert.equal(profile.name, "lab");
    assert.match(
      readFileSync(join(root, "cfg/lab.yaml"), "utf8"),
      /^# yaml-language-server: \$schema=schema\/profile\.json$/m,
    );
  });

  it("cfg/inventory.example.yaml loads: two hosts over ssh that are checked, a shared directory, guests that are met", async () => {
    const { hosts, storage, images, network } = await loadInventory(join(root, "cfg/inventory.example.yaml"));
    assert.equal(hosts.length, 2);
    assert.ok(hosts.every(({ local }) => !local));
    assert.equal(storage.kind, "directory");
    assert.ok(Object.values(images).every(({ login }) => login.hostKey === "first-use"));
    assert.equal(network.addressing, "discover");
  });
});
