import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { expand } from "../../../../harness/expand.js";
import { loadScenario } from "../../../../harness/load.js";
import { select } from "../../../../harness/select.js";
import { asScenario, scenarioText, shrunkName } from "../../../../harness/shrink/as-scenario.js";
import type { Params } from "../../../../lib/model/params.js";
import { buildParams } from "../../../support/build.js";
import { someParams } from "./some-params.js";

const SCENARIOS = resolve(import.meta.dirname, "../../../../scenarios");

describe("harness/shrink/as-scenario", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-as-scenario-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const textOf = (params: Params, notes: readonly string[] = []): string =>
    scenarioText(asScenario("s-shrunk", "Why?", params), notes);
  async function readBack(text: string) {
    const path = join(folder, "case.yaml");
    writeFileSync(path, text);
    return expand(await loadScenario(path));
  }

  it("says what differs from a case that says nothing, and no more", () => {
    const params = buildParams({
      guests: { count: 2, image: "tiny-a", disks: [{ use: "swap", on: "nfs", size: "64MiB" }] },
      load: [{ on: "guests", tool: "stress", args: ["--cpu", "1"] }],
      migration: { mode: "precopy", timeout: "90s" },
    });
    assert.equal(
      textOf(params, ["failure: it's a \n line"]),
      `# failure: it's a line
name: s-shrunk
summary: Why?
base:
  guests: { count: 2, image: [ tiny-a ], disks: [ { use: swap } ] }
  migration: { timeout: 90s }
  load: [ { on: guests, tool: stress, args: [ --cpu, '1' ] } ]
`,
    );
    assert.equal(textOf(buildParams({})), "name: s-shrunk\nsummary: Why?\n");
  });

  it("keeps a key that means something by being there alone", () =>
    assert.match(textOf(buildParams({ guests: { flavor: {} } })), /guests: \{ flavor: \{\} \}/));

  it("reads back as exactly these parameters, whatever they are", async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(someParams, fc.string({ unit: "binary" }), async (params, note) => {
        const [only, ...more] = await readBack(textOf(params, [note]));
        assert.deepEqual([only?.params, only?.id, more], [params, "s-shrunk", []]);
      }),
      { numRuns: 40 },
    );
  });

  it("reads back every kind of case that is shipped", async function () {
    this.timeout(60_000);
    for (const file of readdirSync(SCENARIOS).filter((name) => name.endsWith(".yaml"))) {
      const cases = expand(await loadScenario(join(SCENARIOS, file)));
      for (const { id, params } of cases.length > 100 ? select(cases, { sample: "pairwise", seed: 1 }) : cases) {
        const [only] = await readBack(textOf(params));
        assert.deepEqual(only?.params, params, id);
      }
    }
  });

  it("names the scenario after the other, within what a name may have", () => {
    assert.equal(shrunkName("smoke"), "smoke-shrunk");
    assert.equal(shrunkName("a".repeat(64)).length, 64);
  });
});
