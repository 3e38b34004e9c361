import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { CaseResult } from "../../lib/model/result.js";
import { assertAsBefore, cli, readResult, type TestLab, testLab } from "../support/lab-job.js";
import { needsRoot } from "../support/needs.js";

const SCENARIO = resolve(import.meta.dirname, "../../scenarios/tunnelling.yaml");

/** Where the words differ between versions of libvirt, so that the scenario cannot name them: those of the lab's. */
const SAID: Readonly<Record<string, RegExp>> = {
  not_shared: /argument key 'host' must not have null value/,
  libvirtd_killed: /end of file|cannot recv data|connection reset|disconnected/i,
};

describe("tunnelling.yaml", function () {
  this.timeout(900_000);
  let lab: TestLab;

  before(async () => {
    needsRoot();
    lab = await testLab();
  });
  after(() => lab?.down());
  afterEach(() => assertAsBefore(lab));

  const run = async (...selection: readonly string[]): Promise<readonly CaseResult[]> => {
    const results = await mkdtemp(join(lab.folder, "results-"));
    await cli("run", SCENARIO, "--inventory", lab.inventoryPath, "--results-dir", results, ...selection);
    return (await readResult(join(results, "latest"))).cases;
  };
  const told = ({ status, reason, checks }: CaseResult): string =>
    [status, reason, ...checks.filter((check) => check.status !== "PASS").map(({ message }) => message)].join("; ");

  it("has verdicts as they are written, the negatives too", async () => {
    const cases = await run("--no", "full");
    assert.equal(cases.length, 19);
    for (const one of cases) {
      // Where the guest's load is above its class the migration is given up at its timeout, and the case says so.
      const mayWarn = one.case.variants.includes("bandwidth");
      assert.match(told(one), mayWarn ? /^PASS|^WARN.*given up at its timeout/ : /^PASS/, one.case.id);
      for (const [variant, words] of Object.entries(SAID))
        if (one.case.variants.includes(variant)) assert.match(one.migrations[0]?.error ?? "", words, one.case.id);
    }
  });
});
