// All that `npm test` promises, one after another, with one closing line: `N passed, N failed, N skipped`.
// A part that breaks does not keep the others from being run; lint and types count as a test each.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const temporary = mkdtempSync(join(tmpdir(), "migstorm-run-"));
const counts = join(temporary, "counts.ndjson");
const bin = (name) => join(root, "node_modules/.bin", name);
const mocha = (folder) => [
  bin("mocha"),
  ["--reporter", "test/support/counting-reporter.cjs", `test/${folder}/**/*.test.ts`],
];

const PARTS = {
  lint: [bin("biome"), ["check", "--error-on-warnings", "."]],
  types: [bin("tsc"), ["-p", "tsconfig.json"]],
  unit: mocha("unit"),
  cli: mocha("cli"),
  lab: mocha("lab"),
};

/** Of all parts together; what CI allows is less than what a slow machine may need. */
const limitMin = Number(process.env.MIGSTORM_TEST_LIMIT_MIN ?? 120);
const deadlineMs = performance.now() + limitMin * 60_000;
/** For a part that was told to end. */
const GRACE_MS = 5_000;

/** What the parts leave in the temporary folder goes with ours, also when somebody ends this. */
process.once("exit", () => {
  try {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  } catch (error) {
    process.stderr.write(`left behind: ${error.message}\n`);
  }
});

/** The part under way; it has a process group of its own, for mocha and others are wrappers around what does the work. */
let current;
let stoppedWith;
const signalPart = (signal) => {
  try {
    if (current !== undefined) process.kill(-current.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
};
/** Labs that are up then are found and taken down by the next tests that bring up one. */
function endPart() {
  signalPart("SIGTERM");
  setTimeout(signalPart, GRACE_MS, "SIGKILL").unref();
}
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }))
  process.once(signal, () => {
    stoppedWith = 128 + number;
    if (current === undefined) process.exit(stoppedWith);
    endPart();
  });

/** @returns its exit code; null when a signal or the limit ended it, or nothing could be started */
const run = (file, args) =>
  new Promise((done) => {
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0) return done(null);
    const env = { ...process.env, TMPDIR: temporary, MIGSTORM_TEST_COUNTS: counts };
    current = spawn(file, args, { cwd: root, stdio: "inherit", detached: true, env });
    let isOverLimit = false;
    const limit = setTimeout(() => {
      isOverLimit = true;
      process.stdout.write(`\nnot over within ${limitMin} minutes: stopped\n`);
      endPart();
    }, leftMs);
    const over = (status) => {
      clearTimeout(limit);
      // A wrapper may be gone before what it started.
      signalPart("SIGKILL");
      current = undefined;
      done(isOverLimit ? null : status);
    };
    current.once("error", () => over(null)).once("close", over);
  });

const wanted = process.argv.slice(2);
const names = Object.keys(PARTS).filter((name) => wanted.length === 0 || wanted.includes(name));
const total = { passes: 0, failures: 0, pending: 0 };
for (const name of names) {
  const [file, args] = PARTS[name];
  process.stdout.write(`\n== ${name}\n`);
  rmSync(counts, { force: true });
  const status = await run(file, args);
  if (stoppedWith !== undefined) process.exit(stoppedWith);
  const told = existsSync(counts) ? JSON.parse(readFileSync(counts, "utf8").trim().split("\n").at(-1)) : undefined;
  // A mocha that did not come to its counts has proven nothing, whatever it exits with.
  if (told === undefined) total[status === 0 && file !== bin("mocha") ? "passes" : "failures"] += 1;
  else for (const key of Object.keys(total)) total[key] += told[key];
  // A runner that fails without a failed test (a file that does not load, an empty suite) failed all the same.
  if (told !== undefined && (told.passes + told.failures === 0 || (status !== 0 && told.failures === 0)))
    total.failures += 1;
}
process.stdout.write(`\n${total.passes} passed, ${total.failures} failed, ${total.pending} skipped\n`);
process.exitCode = total.failures === 0 && total.passes > 0 ? 0 : 1;
