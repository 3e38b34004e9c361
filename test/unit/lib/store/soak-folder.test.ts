import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendJson, folderBytes, reduceFolder } from "../../../../lib/store/soak-folder.js";

describe("the folder of a pass", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-soak-"));
    mkdirSync(join(folder, "test-results", "a"), { recursive: true });
    for (const name of ["job.json", "results.json", "pass.json", "test-results/a/undo.ndjson"])
      writeFileSync(join(folder, name), "12345");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("has the size of all its files", async () => assert.equal(await folderBytes(folder), 20));

  it("is reduced to what is named, also twice", async () => {
    for (let time = 0; time < 2; time += 1) {
      await reduceFolder(folder, ["results.json", "pass.json"]);
      assert.deepEqual(readdirSync(folder).sort(), ["pass.json", "results.json"]);
    }
  });

  it("takes one line after the other", async () => {
    const path = join(folder, "leaks.ndjson");
    await appendJson(path, { pass: 1 });
    await appendJson(path, { pass: 2, text: "a\nb" });
    assert.equal(readFileSync(path, "utf8"), '{"pass":1}\n{"pass":2,"text":"a\\nb"}\n');
  });
});
