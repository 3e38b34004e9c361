import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../../../lib/store/artifacts.js";
import { pointFirst, pointLatest } from "../../../../lib/store/latest.js";
import { makeResultsFolder } from "../../../../lib/store/results-folder.js";

describe("the folder of results", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-results-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is made with the folders around it, and found when it is there", async () => {
    const path = join(folder, "a/b/c");
    await Promise.all([makeResultsFolder(path), makeResultsFolder(path), makeResultsFolder(join(folder, "a/b/d"))]);
    await makeResultsFolder(path);
    assert.ok(statSync(path).isDirectory());
  });

  it("is refused in a sentence where a file stands in its way", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "below"), join(file, "far/below")])
      await assert.rejects(makeResultsFolder(path), {
        code: "bad-input",
        message: `${path}: results cannot be written there: it is a file, or lies below one; name another folder with --results-dir`,
      });
  });

  it("is refused at once where the file system makes no folders, which Node's own way tries for ever", async () => {
    await assert.rejects(makeResultsFolder("/proc/migstorm/results"), /this file system makes no folders there/);
    await assert.rejects(makeFolder("/proc/migstorm/results"), { code: "ENOENT" });
  });

  it("keeps its link to an earlier job when one begins that may come to nothing", async () => {
    await pointFirst(folder, "job-1");
    await pointFirst(folder, "job-2");
    assert.equal(readlinkSync(join(folder, "latest")), "job-1");
    rmSync(join(folder, "latest"));
    mkdirSync(join(folder, "latest"));
    await assert.rejects(pointFirst(folder, "job-3"), { message: /latest is a folder/ });
  });

  it("has a link to the latest job, unless a folder has its name", async () => {
    await pointLatest(folder, "job-1");
    await pointLatest(folder, "job-2");
    assert.equal(readlinkSync(join(folder, "latest")), "job-2");
    rmSync(join(folder, "latest"));
    mkdirSync(join(folder, "latest"));
    await assert.rejects(pointLatest(folder, "job-3"), {
      code: "bad-input",
      message: /latest is a folder, .*rename it/,
    });
    assert.deepEqual(readdirSync(folder), ["latest"]);
  });
});
