import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { z } from "zod";
import { paramsSchema } from "../../../../lib/model/params.js";
import type { JobResult } from "../../../../lib/model/result.js";
import { type jobResultSchema, resultsFileSchema } from "../../../../lib/model/result-schema.js";
import { STATUSES } from "../../../../lib/model/status.js";
import { renderJson } from "../../../../reports/json.js";
import { buildJob, buildParams } from "../../../support/build.js";
import { sampleJob } from "../../../support/sample-job.js";
import { HOSTILE, jobOf } from "../../reports/hostile-corpus.js";

type Writable<T> = T extends object ? { -readonly [K in keyof T]: Writable<T[K]> } : T;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does not compile when a key, a word or an optional mark is in one of the two only. */
const sameAsInterface: Equal<Writable<JobResult>, Writable<z.infer<typeof jobResultSchema>>> = true;

/** What the schema does not name is dropped in reading, so that a difference shows. */
const assertWhole = (json: string): void => {
  const value = JSON.parse(json);
  const read = resultsFileSchema.safeParse(value);
  assert.ok(read.success, read.error === undefined ? "" : z.prettifyError(read.error).slice(0, 1000));
  assert.deepEqual(read.data, value);
};

describe("the schema of results.json", () => {
  it("is the interface, as the compiler sees it", () => assert.equal(sameAsInterface, true));

  it("names every key of the golden file, and of a job of hostile texts", () => {
    assertWhole(readFileSync(resolve(import.meta.dirname, "../../../golden/results.json"), "utf8"));
    // zod leaves a key of this name out, and none of our numbers has it.
    for (const text of HOSTILE.filter((one) => one !== "__proto__"))
      assertWhole(renderJson({ ...jobOf(text), startedAt: sampleJob().startedAt }));
  });

  it("names every key of any job", () => {
    const job = fc.record(
      {
        ...Object.fromEntries(["jobId", "version"].map((key) => [key, fc.string({ unit: "binary" })])),
        seed: fc.nat(),
        interrupted: fc.boolean(),
        leftovers: fc.array(fc.string()),
        durationMs: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
        cases: fc.subarray([...sampleJob().cases]),
        runner: fc.record({ cpuS: fc.nat(), peakMiB: fc.nat() }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(job, (over) => assertWhole(renderJson(buildJob([], over as Partial<JobResult>)))),
      { numRuns: 50 },
    );
  });

  it("reads every parameter with its unit read", () => {
    const params = buildParams({
      guests: {
        ...{ memory: "4GiB", image: "tiny", disks: [{ use: "swap", on: "nbd", size: "64MiB" }] },
        ...{ flavor: { extraSpecs: { a: "b" } }, metadata: { a: "b" }, imageProperties: {} },
        metadataChanges: [{ beforeLeg: 2, metadata: {} }],
      },
      migration: {
        ...{ timeout: "30m", maxDowntime: "300ms", bandwidthMiBps: 10, compression: "xbzrle", connections: 4 },
        copyStorage: "all",
      },
      load: [{ on: "guests", tool: "stress", args: ["--cpu", "1"] }],
      stress: { tool: "stress-ng", hosts: "both", hostMemory: "half" },
      limits: { warnDowntime: "1s", totalTime: "1h" },
      movement: { concurrency: 2, turns: [{ channel: "tls" }, { connections: 2 }] },
      classes: { on: "management", migration: { rate: 100 } },
      faults: [{ do: "block-rpc" }],
      expect: { error: "refused", channel: "native", cpuRatio: 2, red: ["outcome"], redSays: "refused" },
    });
    const [first] = sampleJob().cases;
    assert.ok(first !== undefined);
    assertWhole(renderJson(buildJob([{ ...first, case: { ...first.case, params } }])));
    const optional = Object.values(paramsSchema.shape).flatMap((section) => {
      const { shape = {} } = section.def.innerType as { shape?: Record<string, z.ZodType> };
      return Object.entries(shape).flatMap(([key, field]) => (field instanceof z.ZodOptional ? [key] : []));
    });
    const used = JSON.stringify(params);
    assert.deepEqual(
      optional.filter((key) => !used.includes(`"${key}":`)),
      [],
      "every optional parameter is tried",
    );
  });

  it("refuses what a reader could not read", () => {
    const good = JSON.parse(renderJson(sampleJob()));
    const [first, ...rest] = good.cases;
    const bad = [
      { ...good, schema: "migstorm-results/2" },
      { ...good, summary: { ...good.summary, FAIL: "1" } },
      { ...good, startedAt: "yesterday" },
      { ...good, cases: [{ ...first, status: "FLAKY" }, ...rest] },
      { ...good, cases: [{ ...first, case: { ...first.case, params: {} } }, ...rest] },
      { ...good, hosts: undefined },
    ];
    for (const value of bad) assert.equal(resultsFileSchema.safeParse(value).success, false);
    assert.deepEqual(
      Object.keys(good.summary).sort(),
      ["cases", ...STATUSES].sort(),
      "the counts are the verdicts, and nothing else",
    );
  });
});
