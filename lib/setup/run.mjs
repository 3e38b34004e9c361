// The set-up runs before any npm package is there: nothing here imports one.
import { spawnSync } from "node:child_process";
import { performance } from "node:perf_hooks";

/** Exit codes of the project: `usage` is for what the user has to mend first, `failed` for work that could not be done. */
export const EXIT = { failed: 2, usage: 4, interrupted: 8 };

const MAX_OUTPUT_BYTES = 64 * 2 ** 20;
const SHOWN_LINES = 30;

/** Something to tell the user in one sentence; `exitCode` says whose turn it is. */
export class SetupError extends Error {
  /** @param {string} message @param {number} exitCode */
  constructor(message, exitCode = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** @param {string} line */
export const say = (line) => console.log(`setup: ${line}`);

/**
 * Does one thing and tells how long it took.
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} work returns what it came to, in words
 */
export async function timed(what, work) {
  const startedMs = performance.now();
  const outcome = await work();
  say(`${what}: ${outcome} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
}

/**
 * Runs a program.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} options
 */
export function run(file, args, options = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(file, args, {
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: MAX_OUTPUT_BYTES,
    ...options,
    encoding: "utf8",
  });
  return { exitCode: error || signal ? -1 : (status ?? -1), stdout: stdout ?? "", stderr: stderr ?? "", signal, error };
}

/**
 * Runs a program that has to succeed.
 * @type {(...given: Parameters<typeof run>) => string}
 */
export function must(file, args, options) {
  const { exitCode, stdout, stderr, signal, error } = run(file, args, options);
  if (exitCode === 0) return stdout;
  const output = excerpt(`${stdout}\n${stderr}`.trim().split("\n"));
  const how = signal
    ? `was ended by ${signal}`
    : error
      ? `cannot run: ${error.message}`
      : `failed with exit code ${exitCode}`;
  throw new SetupError(`${[file, ...args].join(" ")} ${how}\n${output}`);
}

/** Some programs say what is wrong first, others last. @param {readonly string[]} lines */
const excerpt = (lines) =>
  (lines.length <= SHOWN_LINES
    ? lines
    : [...lines.slice(0, SHOWN_LINES / 2), "…", ...lines.slice(-SHOWN_LINES / 2)]
  ).join("\n");
