import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openInside } from "../../../../lib/store/confined.js";

describe("a file below a folder", () => {
  let top: string;
  let root: string;
  before(() => {
    top = mkdtempSync(join(tmpdir(), "migstorm-confined-"));
    root = join(top, "results");
    mkdirSync(join(root, "job-1", "case"), { recursive: true });
    mkdirSync(join(top, "results-of-others"));
    writeFileSync(join(root, "job-1", "case", "a.log"), "text");
    writeFileSync(join(top, "secret"), "secret");
    writeFileSync(join(top, "results-of-others", "secret"), "secret");
    symlinkSync("job-1", join(root, "latest"));
    symlinkSync("../secret", join(root, "leak"));
    symlinkSync("../results-of-others", join(root, "beside"));
    symlinkSync("/", join(root, "all"));
    execFileSync("mkfifo", [join(root, "pipe")]);
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  const opened = async (...parts: string[]): Promise<boolean> => {
    const file = await openInside(root, parts);
    await file?.close();
    return file !== undefined;
  };

  for (const parts of [[], ["job-1"], ["job-1", "case", "a.log"], ["latest", "case", "a.log"]])
    it(`opens ${parts.join("/") || "the folder itself"}`, async () => assert.equal(await opened(...parts), true));

  for (const parts of [
    ["..", "secret"],
    ["job-1", "..", "..", "secret"],
    ["../secret"],
    ["job-1/case/a.log"],
    [".", "job-1"],
    [""],
    ["job-1", "", "case"],
    ["leak"],
    ["beside"],
    ["beside", "secret"],
    ["all", "etc", "passwd"],
    ["all", "proc", "self", "environ"],
    ["job-1\0"],
    ["pipe"],
    ["not there"],
    ["x".repeat(256)],
  ])
    it(`does not open ${JSON.stringify(parts).slice(0, 60)}`, async () => assert.equal(await opened(...parts), false));
});
