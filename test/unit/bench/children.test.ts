import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { until } from "../../../lib/poll.js";
import { inChildren } from "../../bench/children.js";

/** A bench in a few lines: what each part does is its name. */
const SCRIPT = `
import { appendFileSync, writeFileSync } from "node:fs";
const [, part, , json, , log] = process.argv.slice(2);
appendFileSync(log, part + " " + process.pid + "\\n");
if (part === "crashes") process.exit(3);
const wrong = part === "misses" ? ["misses: a target"] : [];
writeFileSync(json, JSON.stringify({ measured: { [part]: { figure: 1 } }, wrong }));
process.exitCode = wrong.length > 0 || part === "leaves" ? 1 : 0;
`;

/** One that takes its time to clear up, and that a second signal would end before. */
const SLOW = `
import { appendFileSync } from "node:fs";
const [, part, , , , log] = process.argv.slice(2);
process.once("SIGINT", () => setTimeout(() => { appendFileSync(log, "cleared up\\n"); process.exit(130); }, 300));
appendFileSync(log, "began " + part + "\\n");
setInterval(() => undefined, 1000);
`;

describe("parts of the bench in processes of their own", () => {
  const run = async (parts: readonly string[]) => {
    const folder = await mkdtemp(join(tmpdir(), "children-"));
    const [script, log] = [join(folder, "bench.mjs"), join(folder, "log")];
    await writeFile(script, SCRIPT);
    const outcome = await inChildren(script, parts, ["--log", log]);
    return { outcome, lines: (await readFile(log, "utf8")).trim().split("\n") };
  };

  it("gathers what each measured, one process a part", async () => {
    const { outcome, lines } = await run(["a", "b"]);
    assert.deepEqual(outcome, { measured: { a: { figure: 1 }, b: { figure: 1 } }, wrong: [] });
    assert.equal(new Set(lines.map((line) => line.split(" ")[1])).size, 2);
  });

  it("goes on after one that failed, and tells of it", async () => {
    const { outcome } = await run(["crashes", "misses", "leaves", "a"]);
    assert.deepEqual(outcome.wrong, ["crashes: ended with exit 3", "misses: a target", "leaves: ended with exit 1"]);
    assert.deepEqual(Object.keys(outcome.measured), ["misses", "leaves", "a"]);
  });

  it("passes a stop on once, waits for the part that clears up, and leaves nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "stopped-"));
    const [part, driver, log] = [join(folder, "part.mjs"), join(folder, "driver.mts"), join(folder, "log")];
    await writeFile(part, SLOW);
    const children = pathToFileURL(join(import.meta.dirname, "../../bench/children.ts")).href;
    const call = `await inChildren(${JSON.stringify(part)}, ["a", "b"], ["--log", ${JSON.stringify(log)}]);`;
    await writeFile(driver, `import { inChildren } from ${JSON.stringify(children)};\n${call}\n`);
    const env = { ...process.env, TMPDIR: folder };
    const started = spawn(process.execPath, ["--import=tsx", driver], { env, stdio: "inherit" });
    const ended = once(started, "close");
    const told = (): Promise<string> => readFile(log, "utf8").catch(() => "");
    const begun = async (): Promise<boolean> => (await told()) === "began a\n";
    await until(begun, { everyMs: 50, timeoutMs: 15_000, what: "the part to begin" });
    started.kill("SIGINT");
    setTimeout(() => started.kill("SIGINT"), 100);
    assert.deepEqual(await ended, [130, null]);
    assert.equal(await told(), "began a\ncleared up\n", "no other part began");
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith("migstorm-bench-")),
      [],
    );
  });
});
