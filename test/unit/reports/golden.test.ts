import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { caseLine, jobFooter, jobHeader } from "../../../reports/console.js";
import { REPORTERS } from "../../../reports/reporters.js";
import { renderRunDocument } from "../../../reports/run-document/run-document.js";
import { sampleJob } from "../../support/sample-job.js";

const FOLDER = resolve(import.meta.dirname, "../../golden");

/** `npm run golden` writes the files anew; the difference is then read like code. */
function assertGolden(name: string, text: string): void {
  const path = join(FOLDER, name);
  if (process.env.GOLDEN === "write") {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, text);
  }
  assert.equal(text, readFileSync(path, "utf8"), `${name} differs; if that is meant, run: npm run golden`);
}

describe("golden reports", () => {
  for (const [name, render] of Object.entries(REPORTERS)) it(name, () => assertGolden(name, render(sampleJob())));

  it("the document of a run", () => {
    const job = sampleJob();
    const facts = job.cases.slice(0, 5).map(({ case: { id } }, index) => ({
      ...{ caseId: id, isHandedOn: index % 2 === 1, lostLogs: [] },
      victims: index === 1 ? ["stress-ng-vm"] : [],
    }));
    assertGolden("run-document.md", renderRunDocument({ ...job, argv: job.argv.slice(1) }, facts));
  });

  it("console", () => {
    const job = sampleJob();
    const lines = [
      jobHeader({ ...job, jobLog: "job-results/job-2026-11-21T06.42-ab12cd3/job.log" }),
      ...job.cases.map((result, index) => caseLine(index + 1, job.cases.length, result)),
      jobFooter(job, { html: "job-results/job-2026-11-21T06.42-ab12cd3/results.html" }),
      "",
    ];
    assertGolden("console.txt", lines.join("\n"));
  });
});
