import { execFile } from "node:child_process";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const CLI = resolve(ROOT, "dist/harness/cli.js");

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Runs the built command line as a user does; by default in the root of the repository. */
export function cli(args: readonly string[], cwd: string = ROOT): Promise<CliResult> {
  const startMs = performance.now();
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], { cwd, maxBuffer: 2 ** 28, encoding: "utf8" }, (error, stdout, stderr) =>
      done({
        exitCode: typeof error?.code === "number" ? error.code : error === null ? 0 : -1,
        stdout,
        stderr,
        durationMs: performance.now() - startMs,
      }),
    );
  });
}
