import type { Command } from "commander";
import { type Calls, example, withPlace } from "./options.js";
import { collect } from "./selection.js";

/** Verbs that have a failure again, each loaded when it is called. */
export function addAgainVerbs(program: Command, { write, done }: Calls): void {
  example(
    withPlace(
      program
        .command("replay")
        .description("run cases of an earlier job once more: its parameters, order and seed, on its hosts")
        .argument("<dir>", "folder of the job")
        .option("--id <id>", "this case only; * stands for anything (repeatable; default: all of them)", collect)
        .option("--failfast", "stop after the first case that fails or errs"),
      "those of the job",
    ).action(async (dir, options) => done(await (await import("./replay.js")).replay(dir, options, write))),
    "replay job-results/latest --id smoke.precopy.orderly",
  );
}
