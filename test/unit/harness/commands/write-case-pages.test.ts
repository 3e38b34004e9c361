import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeReports } from "../../../../harness/commands/write-reports.js";
import type { PathEvidence } from "../../../../lib/model/check.js";
import { buildCase, buildJob, buildResult } from "../../../support/build.js";
import { buildLegPath } from "../../../support/build-path.js";

const PATH: PathEvidence = {
  ...{ legs: [], totals: [], captures: [], classes: [] },
  cpu: [
    {
      ...{ host: "h1", process: "libvirt" },
      points: [
        [6_000, 0],
        [7_000, 0.2],
      ],
    },
  ],
};

describe("charts beside the reports", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-charts-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const watched = (id: string) => buildResult({ case: buildCase({ id }), path: [buildLegPath()] });
  const evidence = (id: string, text: string): void => {
    mkdirSync(join(folder, "test-results", id), { recursive: true });
    writeFileSync(join(folder, "test-results", id, "evidence.json"), text);
  };
  const chartsOf = (id: string): string => join(folder, "test-results", id, "charts.html");
  const page = (): string => readFileSync(join(folder, "results.html"), "utf8");

  it("are written from the evidence, and the page points to them", async () => {
    evidence("a.b", JSON.stringify({ path: PATH }));
    assert.deepEqual(await writeReports(folder, buildJob([watched("a.b"), buildResult()])), []);
    assert.match(readFileSync(chartsOf("a.b"), "utf8"), /h1: CPU, % of one core/);
    assert.deepEqual(
      [...page().matchAll(/href="(test-results[^"]*)"/g)].map(([, href]) => href),
      ["test-results/a.b/charts.html"],
    );
  });

  it("are left out without a word where the evidence is gone, or has no path", async () => {
    evidence("c", "{}");
    assert.deepEqual(await writeReports(folder, buildJob([watched("gone"), watched("c")])), []);
    assert.ok(!existsSync(chartsOf("c")));
    assert.doesNotMatch(page(), /test-results/);
  });

  it("that cannot be made are told, and cost nothing else", async () => {
    evidence("broken", '{"path": ');
    evidence("odd", '{"path": {"captures": 3}}');
    const told = await writeReports(folder, buildJob([watched("broken"), watched("odd"), watched("../../x")]));
    assert.deepEqual(
      told.map((line) => line.replace(/ could not be written.*/, "")),
      ["the charts of broken", "the charts of odd", "the charts of ../../x"],
    );
    assert.match(page(), /3 cases/);
  });
});
