import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createJobLog, redact, registerSecret } from "../../../lib/log.js";
import { quote } from "../../../lib/transport/quote.js";

const SECRET = `pa"ss'wörd/+ &x`;

describe("the debug log", () => {
  before(() => registerSecret(SECRET));

  const disguises: [string, (secret: string) => string][] = [
    ["as it is", (secret) => secret],
    ["in base64", (secret) => Buffer.from(secret).toString("base64")],
    ["inside a longer text in base64", (secret) => Buffer.from(`user:${secret}@host`).toString("base64")],
    ["in a URL", encodeURIComponent],
    ["in a form", (secret) => new URLSearchParams({ secret }).toString()],
    ["quoted for a shell", quote],
    ["in JSON", JSON.stringify],
    ["quoted for a shell, in JSON", (secret) => JSON.stringify(quote(secret))],
  ];
  for (const [name, disguise] of disguises)
    it(`blots a secret out ${name}`, () => {
      const text = `before ${disguise(SECRET)} after`;
      const clean = redact(text);
      assert.match(clean, /^before .*\*\*\*.* after$/);
      assert.ok(clean.length < text.length);
    });
  it("leaves the rest alone", () => assert.equal(redact("nothing to hide"), "nothing to hide"));

  it("has every line in the file once it is closed", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "log-")), "job.log");
    const log = createJobLog(path);
    for (let i = 0; i < 5_000; i += 1) log.debug(`line ${i} ${SECRET}`);
    log.warn("last");
    await log.close();
    await log.close();
    const text = await readFile(path, "utf8");
    assert.equal(text.trimEnd().split("\n").length, 5_001);
    assert.match(text, /^\S+Z debug line 0 \*\*\*\n/);
    assert.ok(!text.includes(SECRET));
  });
  it("ends with a sentence when it is full, also one that is gone on with", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "log-")), "job.log");
    for (const _ of ["begun", "gone on with"]) {
      const log = createJobLog(path, 2_000);
      for (let i = 0; i < 100; i += 1) log.debug(`line ${i}`);
      await log.close();
    }
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    assert.ok(lines.length > 40 && lines.length < 60, `${lines.length} lines`);
    assert.deepEqual(
      lines.flatMap((line, index) => (/ warn this log ends here, at 2000 bytes: /.test(line) ? [index] : [])),
      [lines.length - 1],
    );
  });
  it("keeps nobody from leaving when the disk is full", () => {
    const script = `import { createJobLog } from ${JSON.stringify(join(import.meta.dirname, "../../../lib/log.ts"))};
      const log = createJobLog("/dev/full"); log.debug("x".repeat(100000)); await log.close();`;
    execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      timeout: 10_000,
      stdio: "pipe",
    });
  });
});
