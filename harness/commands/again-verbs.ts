import type { Command } from "commander";
import { type Calls, example, notifyOption, number, timeSpan, withJob, withPlace } from "./options.js";
import { collect } from "./selection.js";

/** Verbs that have a failure again or tell others of it, each loaded when it is called. */
export function addAgainVerbs(program: Command, { write, done }: Calls): void {
  example(
    withJob(
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

  example(
    withJob(
      program
        .command("flake")
        .description("run one case many times and tell how often it is not OK, with a confidence interval")
        .argument("<case>", "its id")
        .argument("[scenario...]", "scenario files; default: all of scenarios/")
        .option("-n, --runs <n>", "how many times", number, 20)
        .option("--profile <file>", "scale sizes, rounds and durations, e.g. cfg/lab.yaml")
        .option("--until-fail", "end with the first run that fails or errs")
        .option("--json", "print it as JSON; what happens meanwhile goes to stderr"),
    ).action(async (id, paths, options) =>
      done(await (await import("./flake.js")).flake(id, paths, options, write, writeError)),
    ),
    "flake smoke.postcopy.orderly scenarios/smoke.yaml --lab -n 50",
  );

  example(
    withPlace(
      program
        .command("shrink")
        .description("make a case of an earlier job smaller as long as it still fails like that; ends with it as YAML")
        .argument("<dir>", "folder of the job")
        .requiredOption("--id <id>", "the case")
        .option("-n, --runs <n>", "how often it is run as it is, and once more when it is smallest", number, 5)
        .option("--max-runs <n>", "runs of something smaller before it is left out, at most", number, 10)
        .option(
          "--for <duration>",
          "when so much time is over, try nothing further, and run the smallest case by then -n times, e.g. 2h",
          timeSpan,
        )
        .option("--continue <dir>", "go on where an earlier shrink of this case was stopped: its runs count"),
      "those of the job",
    ).action(async (dir, options) => done(await (await import("./shrink.js")).shrink(dir, options, write))),
    "shrink job-results/latest --id migrate-stress.set_memory_1.postcopy.booting_load_vms.cross_migration",
    "shrink job-results/latest --id smoke.precopy.cross -n 10 --for 2h --continue job-results/shrink-2026-11-21T06.42-ab12cd3",
  );

  example(
    program
      .command("notify")
      .description("tell a webhook how a stored job or soak ended, or try the webhook")
      .argument("[dir]", "folder of the job or the soak")
      .addOption(notifyOption())
      .option("--test", "send a message that means no job, to see whether it arrives")
      .action(async (dir, options) => done(await (await import("./notify.js")).notify(dir, options, write))),
    "notify --test",
    "notify job-results/latest --notify TEAM_WEBHOOK",
  );

  example(
    program
      .command("bundle")
      .description("pack one case of a job for somebody else as .tar.gz, with secrets taken out")
      .argument("<dir>", "folder of the job")
      .requiredOption("--id <id>", "the case")
      .option("--output <file>", "default: the job's and the case's name, in this folder")
      .action(async (dir, options) => done(await (await import("./bundle.js")).bundle(dir, options, write))),
    "bundle job-results/latest --id smoke.precopy.orderly",
  );
}

const writeError = (text: string): void => {
  process.stderr.write(text);
};
