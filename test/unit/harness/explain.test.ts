import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { combinations } from "../../../harness/combinations.js";
import { type ExplainOptions, explain } from "../../../harness/commands/explain.js";
import { expand } from "../../../harness/expand.js";
import { type Explained, explainCase } from "../../../harness/explain.js";
import { loadProfile, loadScenario } from "../../../harness/load.js";
import { profiled } from "../../../harness/profile.js";
import { withFile } from "../../support/scenario.js";

const ROOT = resolve(import.meta.dirname, "../../..");
const LAB = join(ROOT, "cfg/lab.yaml");
const SCENARIOS = ["smoke", "multivm", "migrate-stress"].map((name) => join(ROOT, `scenarios/${name}.yaml`));

const TEXT = `name: t
summary: where from?
base:
  guests: { count: 2, image: tiny }
  load: [{ on: source, tool: stress, args: ["-c", "1"] }]
axes:
  mode:
    post:
      migration: { mode: postcopy }
      guests: { count: 4 }
    pre:
      only: { load: [calm] }
  load:
    calm: {}
    busy:
      load: [{ on: target, tool: stress-ng, args: ["-c", "1"] }]
`;

async function told(id: string, options: ExplainOptions = {}): Promise<string> {
  return withFile(TEXT, async (path) => {
    let text = "";
    await explain(id, [path], options, (more) => {
      text += more;
    });
    return text.replaceAll(path, "t.yaml");
  });
}
const json = async (id: string, options: ExplainOptions = {}) => JSON.parse(await told(id, { ...options, json: true }));

describe("explain", () => {
  it("names file, line and column of each value, with the base or the variant that brought it last", async () => {
    const text = await told("t.post.busy");
    for (const [param, origin] of [
      ["guests.count = 4", "t.yaml:10:17  mode: post"],
      ['guests.image.0 = "tiny"', "t.yaml:4:23  base"],
      ['migration.mode = "postcopy"', "t.yaml:9:20  mode: post"],
      ['load.0.on = "source"', "t.yaml:5:12  base"],
      ['load.1.on = "target"', "t.yaml:16:16  load: busy"],
      ["guests.vcpus = 1", "default"],
      ["guests.memory = 192MiB", "default"],
      ["limits.boot = 5m", "default"],
      ["stress.duration = 1h", "default"],
    ])
      assert.ok(
        text.split("\n").some((line) => line.trim().startsWith(`${param} `) && line.endsWith(`  ${origin}`)),
        `${param}: ${text}`,
      );
  });

  it("tells what a profile made of a value, and what it was", async () => {
    const { values } = await withFile(
      "name: small\nsummary: s\nscale:\n  guests.count: { times: 0.5 }\n",
      async (profile) => json("t.post.calm", { profile }),
    );
    const count = (values as Explained[]).find(({ param }) => param === "guests.count");
    assert.deepEqual(
      [count?.value, count?.from, count?.before?.value, count?.before?.from],
      [2, "profile", 4, "variant"],
    );
    assert.match(count?.place ?? "", /:4:3$/);
  });

  it("says why a combination is no case, with the place of the condition", async () => {
    const { isCase, values, filters } = await json("t.pre.busy");
    assert.deepEqual([isCase, values], [false, []]);
    assert.deepEqual(filters, [
      {
        ...{ filter: "conditions of t", dropped: 1, of: 4, dropsCase: true },
        reasons: ["t.yaml:12:15: pre goes only with calm of load"],
      },
    ]);
  });

  it("counts what each filter leaves out, and says whether this case is among it", async () => {
    const { filters } = await json("t.post.calm", { only: ["post", "busy"], no: ["pre"] });
    assert.deepEqual(
      (filters as { filter: string; dropped: number; of: number; dropsCase: boolean }[])
        .slice(1)
        .map(({ filter, dropped, of, dropsCase }) => [filter, dropped, of, dropsCase]),
      [
        ["--only 'post'", 1, 3, false],
        ["--only 'busy'", 2, 3, true],
        ["--no 'pre'", 1, 3, false],
      ],
    );
  });

  it("tells what will be done where it knows the hosts", async () => {
    const inventory = join(ROOT, "cfg/inventory.example.yaml");
    assert.match(await told("t.post.calm", { inventory }), /\nwhat will be done\nt\.post\.calm: /);
    assert.equal((await json("t.post.calm", { inventory })).plan.length, 1);
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["a misspelt case", "t.pst.busy", /no case has the id t\.pst\.busy, did you mean t\.post\.busy\?/],
    ["a file in the place of the case", "t.yaml", /^t\.yaml is a file: name the case before it, as `list` prints it$/],
    ["several cases", "t.post.*", /2 cases have the id t\.post\.\*, name one: t\.post\.calm, t\.post\.busy$/],
  ];
  for (const [what, id, message] of refused)
    it(`refuses ${what}`, () => assert.rejects(told(id), { code: "bad-input", message }));

  it("explains every value of every case that is shipped, as it is used", async () => {
    const profile = await loadProfile(LAB);
    for (const path of SCENARIOS) {
      const file = await loadScenario(path);
      const all = combinations(file.scenario.axes ?? {});
      for (const [index, testCase] of expand(file).entries()) {
        if (index % 7 !== 0) continue;
        const values = explainCase(testCase, all[index] ?? [], file, profile);
        const [used] = profiled([testCase], profile);
        for (const { param, value, from, place } of values) {
          assert.deepEqual(valueAt(used?.params, param), value, `${testCase.id}: ${param}`);
          assert.equal(place === undefined, from === "default", param);
        }
        assert.ok(values.some(({ from }) => from === "profile"));
      }
    }
  });
});

const valueAt = (value: unknown, dotted: string): unknown =>
  dotted.split(".").reduce<unknown>((here, key) => (here as Record<string, unknown> | undefined)?.[key], value);
