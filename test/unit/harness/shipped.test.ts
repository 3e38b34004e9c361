import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { jsonSchemas } from "../../../harness/commands/schema.js";
import { expand } from "../../../harness/expand.js";
import { loadScenario } from "../../../harness/load.js";
import type { Case } from "../../../lib/model/case.js";
import { paramsSchema } from "../../../lib/model/params.js";
import { casesOf } from "./written.js";

const ROOT = resolve(import.meta.dirname, "../../..");
const shipped = async (name: string): Promise<Case[]> => expand(await loadScenario(join(ROOT, "scenarios", name)));
const readme = readFileSync(join(ROOT, "scenarios/README.md"), "utf8");

describe("the scenarios that are shipped", () => {
  for (const name of readdirSync(join(ROOT, "scenarios")).filter((file) => file.endsWith(".yaml")))
    it(`${name} can be read and stands in the README with its number of cases`, async () => {
      const cases = await shipped(name);
      assert.match(readme, new RegExp(`\\| \`${name}\` \\|.*\\| ${cases.length.toLocaleString("en")} \\|`));
    });

  it("smoke has every pattern in both modes, there and back, direct and p2p, idle and stressed", async () => {
    const cases = await shipped("smoke.yaml");
    const seen = (pick: (params: Case["params"]) => unknown) =>
      [...new Set(cases.map(({ params }) => String(pick(params))))].sort();
    assert.equal(cases.length, 6);
    assert.deepEqual(
      seen(({ migration, movement }) => `${migration.mode} ${movement.pattern}`),
      [
        "postcopy cross",
        "postcopy orderly",
        "postcopy simultaneous",
        "precopy cross",
        "precopy orderly",
        "precopy simultaneous",
      ],
    );
    assert.deepEqual(
      seen(({ movement }) => movement.rounds),
      ["1", "2"],
    );
    assert.deepEqual(
      seen(({ migration }) => migration.control),
      ["direct", "p2p"],
    );
    assert.deepEqual(
      seen(({ load }) => load.length),
      ["0", "1"],
    );
  });

  it("multivm is the run of the source document: its guests, mode, rounds and stress", async () => {
    const [only, ...others] = await shipped("multivm.yaml");
    assert.deepEqual(others, []);
    const { guests, movement, migration, load } = only?.params ?? assert.fail("no case");
    assert.equal(guests.count, 10);
    const distributions = { "tiny-a": "rhel77", "tiny-b": "rhel76", "tiny-c": "rhel80", "tiny-d": "rhel76alt" };
    assert.deepEqual(
      guests.image.map((image) => distributions[image as keyof typeof distributions]),
      ["rhel77", "rhel76", "rhel80", "rhel80", "rhel77", "rhel77", "rhel76alt", "rhel76alt", "rhel76", "rhel76"],
    );
    assert.deepEqual([movement.pattern, movement.rounds], ["orderly", 5]);
    assert.deepEqual([migration.mode, migration.timeout, migration.control], ["postcopy", 3_600_000, "direct"]);
    assert.deepEqual(load, [{ on: "guests", tool: "stress", args: ["--cpu", "4", "--quiet", "--timeout", "3600"] }]);
  });
});

describe("scenarios/README.md", () => {
  it("explains every parameter", () => {
    for (const [section, schema] of Object.entries(paramsSchema.shape)) {
      const [, text = ""] = readme.split(`### \`${section}\`\n`);
      const rows = text.split(/\n##/)[0] ?? "";
      const inner = schema.def.innerType as { shape?: object; element?: { shape: object } };
      for (const key of Object.keys(inner.shape ?? inner.element?.shape ?? assert.fail(section)))
        assert.ok(rows.includes(`| \`${key}\` |`), `${section}.${key} is not explained`);
    }
  });

  it("shows a first scenario that works, with the ids that it makes", async () => {
    const yaml = /```yaml\n(# yaml-language-server[\s\S]*?)```/.exec(readme)?.[1] ?? assert.fail("no example");
    const ids = (await casesOf(yaml)).map(({ id }) => id);
    assert.ok(readme.includes(`${ids.join("\n")}\n${ids.length} cases\n`));
  });
});

describe("cfg/schema", () => {
  it("is what the schemas of the code say; `npm run schema` writes it anew", () => {
    const folder = join(ROOT, "cfg/schema");
    const expected = jsonSchemas();
    assert.deepEqual(readdirSync(folder).sort(), Object.keys(expected).sort());
    for (const [name, text] of Object.entries(expected))
      assert.equal(readFileSync(join(folder, name), "utf8"), text, `${name} is out of date`);
  });

  it("says what every key of a scenario means, at every place", () => {
    const schema = JSON.parse(jsonSchemas()["scenario.json"] ?? "");
    const silent: string[] = [];
    const walk = (node: Record<string, unknown>, path: string): void => {
      for (const [key, value] of Object.entries((node.properties ?? {}) as Record<string, Record<string, unknown>>)) {
        if (value.description === undefined && value.$ref === undefined) silent.push(`${path}.${key}`);
        walk(value, `${path}.${key}`);
      }
    };
    walk(schema, "");
    for (const [name, node] of Object.entries((schema.$defs ?? {}) as Record<string, Record<string, unknown>>))
      walk(node, name);
    assert.deepEqual(silent, []);
  });

  it("lets an editor take one image or several", () => {
    const schema = JSON.parse(jsonSchemas()["scenario.json"] ?? "");
    const { anyOf } = schema.properties.base.properties.guests.properties.image;
    assert.deepEqual(
      anyOf.map(({ type }: { type: string }) => type),
      ["string", "array"],
    );
  });
});
