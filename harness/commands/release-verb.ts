import type { Command } from "commander";
import { type Calls, example, timeSpan } from "./options.js";
import { collect } from "./selection.js";

/** Registers `release`. */
export function addRelease(program: Command, { write, done }: Calls): void {
  example(
    program
      .command("release")
      .description("put back the hosts that --keep-on-failure left as they were, and give their locks back")
      .argument("<dir>", "folder of the job, or of the soak")
      .option("--extend <duration>", "keep them instead, for so long from now on, e.g. 4h", timeSpan)
      .option("--give-up <machine>", "this machine never comes back: do not wait for it (repeatable)", collect)
      .action(async (dir, options) => done(await (await import("./release.js")).release(dir, options, write))),
    "release job-results/latest",
    "release job-results/latest --extend 4h",
  );
}
