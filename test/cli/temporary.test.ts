import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
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

const OPEN = `it("passes", () => void setInterval(() => {}, 1_000));
`;

/** As when mocha is interrupted, and runs out of work in the midst of a test. */
const CUT_SHORT = `it("passes", () => {});
it("never ends", () => process.exit(0));
`;

async function mochaOn(text: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const place = await mkdtemp(join(tmpdir(), "tidy-"));
  const [temporary, file] = [join(place, "tmp"), join(place, "some.test.ts")];
  await mkdir(temporary);
  await writeFile(file, text);
  const { status, stdout, stderr } = spawnSync(join(ROOT, "node_modules/.bin/mocha"), [...args, file], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, ...env, TMPDIR: temporary },
    timeout: 15_000,
  });
  return { temporary, status, stdout, stderr };
}

describe("tests that leave something open", () => {
  it("end all the same, as a failure that says what is open", async () => {
    const args = ["--reporter", "test/support/counting-reporter.cjs"];
    const { status, stdout, stderr } = await mochaOn(OPEN, args, { MIGSTORM_TEST_GRACE_MS: "100" });
    assert.match(stdout, /1 passing/);
    assert.match(stderr, /^tests are over and left open: .*Timeout/m);
    assert.equal(status, 1);
  });
});

describe("tests that are cut short", () => {
  it("fail, and those that were over by then are counted", async () => {
    const counts = join(await mkdtemp(join(tmpdir(), "counts-")), "counts");
    const args = ["--reporter", "test/support/counting-reporter.cjs"];
    const { status, stderr } = await mochaOn(CUT_SHORT, args, { MIGSTORM_TEST_COUNTS: counts });
    assert.match(stderr, /^mocha ended before its last test$/m);
    assert.deepEqual([status, JSON.parse(await readFile(counts, "utf8"))], [1, { passes: 1, failures: 1, pending: 0 }]);
  });
});

describe("tests that fail", () => {
  it("leave nothing in the temporary folder", async () => {
    const { temporary, status, stdout } = await mochaOn(UNTIDY);
    assert.equal(status, 1);
    assert.match(stdout, /made .*\/tmp\/migstorm-tests-/);
    // tsx keeps there what it has compiled.
    assert.deepEqual(
      (await readdir(temporary)).filter((name) => !name.startsWith("tsx-")),
      [],
    );
  });
});
