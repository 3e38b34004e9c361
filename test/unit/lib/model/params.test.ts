import assert from "node:assert/strict";
import { paramsSchema } from "../../../../lib/model/params.js";
import { scenarioSchema } from "../../../../lib/model/scenario.js";

describe("parameters", () => {
  it("have a default for everything that a case needs", () => {
    assert.deepEqual(paramsSchema.parse({}), {
      guests: {
        ...{ count: 1, image: ["tiny"], vcpus: 1, memory: 192, cache: "none" },
        ...{ boot: "image", disks: [], localPool: false, metadataChanges: [] },
      },
      movement: { pattern: "orderly", rounds: 1, turns: [] },
      migration: {
        mode: "precopy",
        autoConverge: false,
        timeoutAction: "suspend",
        control: "direct",
        channel: "native",
      },
      load: [],
      stress: { kind: "cpu", workers: 4, memory: 128, duration: 3_600_000, guests: false },
      booting: { besides: 0, migrating: false },
      probes: { path: false, cpu: false, ports: [], keepCapture: "unless-pass", captureLimit: 256 },
      classes: { link: 1000, management: {}, storage: {}, migration: {}, filters: true, competing: false },
      faults: [],
      limits: { downtime: 30_000, boot: 300_000 },
      expect: { outcome: "completed", red: [] },
    });
  });

  it("take one image where a list of images is wanted", () => {
    assert.deepEqual(paramsSchema.parse({ guests: { image: "a" } }).guests.image, ["a"]);
    assert.deepEqual(paramsSchema.parse({ guests: { image: ["a", "b"] } }).guests.image, ["a", "b"]);
  });

  const refused: readonly (readonly [string, unknown])[] = [
    ["an unknown section", { guest: {} }],
    ["an unknown key", { guests: { cuont: 2 } }],
    ["no guest at all", { guests: { count: 0 } }],
    ["half a guest", { guests: { count: 1.5 } }],
    ["memory without a unit", { guests: { memory: 512 } }],
    ["an empty list of images", { guests: { image: [] } }],
    ["an image that is a path", { guests: { image: "../x" } }],
    ["a load without arguments", { load: [{ on: "guests", tool: "stress", args: [] }] }],
    ["a number as an argument", { load: [{ on: "guests", tool: "stress", args: ["--cpu", 4] }] }],
    ["a tool that nobody knows", { load: [{ on: "guests", tool: "sh", args: ["-c"] }] }],
    ["one connection in parallel", { migration: { connections: 1 } }],
  ];
  for (const [what, given] of refused)
    it(`refuse ${what}`, () => assert.equal(paramsSchema.safeParse(given).success, false));

  it("are patches in a scenario: nothing is filled in before everything is merged", () => {
    const given = {
      name: "s",
      summary: "q",
      base: { guests: { count: 2 }, limits: {} },
      axes: { mode: { a: { migration: { timeout: "5s" } } } },
    };
    assert.deepEqual(scenarioSchema.parse(given).base, { guests: { count: 2 }, limits: {} });
  });
});
