import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

/** Makes two folders, one in a program that it starts, and fails before it could take them away. */
const UNTIDY = `import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
it("is untidy", () => {
  console.log("made", mkdtempSync(tmpdir() + "/untidy-"));
  spawnSync("mktemp", ["-d"]);
  throw new Error("and fails");
});
`;

describe("tests that fail", () => {
  it("leave nothing in the temporary folder", async () => {
    const place = await mkdtemp(join(tmpdir(), "tidy-"));
    const temporary = join(place, "tmp");
    await mkdir(temporary);
    await writeFile(join(place, "untidy.test.ts"), UNTIDY);
    const { status, stdout } = spawnSync(join(ROOT, "node_modules/.bin/mocha"), [join(place, "untidy.test.ts")], {
      cwd: ROOT,
      encoding: "utf8",
      env: { ...process.env, TMPDIR: temporary },
    });
    assert.equal(status, 1);
    assert.match(stdout, /made .*\/tmp\/migstorm-tests-/);
    // tsx keeps there what it has compiled.
    assert.deepEqual(
      (await readdir(temporary)).filter((name) => !name.startsWith("tsx-")),
      [],
    );
  });
});
