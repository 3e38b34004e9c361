#!/usr/bin/env node
import { Argument, Command, CommanderError } from "commander";
import { HarnessError, messageOf } from "../lib/errors.js";
import { plainLines } from "../lib/model/plain-text.js";
import { hideWebhook } from "../lib/notify/address.js";
import { addAgainVerbs } from "./commands/again-verbs.js";
import { withEarlier } from "./commands/earlier.js";
import { addFirstContact } from "./commands/first-contact.js";
import { hostsOption } from "./commands/hosts.js";
import { addLabVerbs } from "./commands/lab-verbs.js";
import {
  type Calls,
  example,
  freshOption,
  inventoryOption,
  keepOption,
  notifyOption,
  number,
  ports,
  resultsOption,
  timeSpan,
  withJob,
} from "./commands/options.js";
import { addRelease } from "./commands/release-verb.js";
import { collect, withSelection } from "./commands/selection.js";
import { serveVerbs } from "./commands/serve-verbs.js";
import { EXIT, exitCodeOfError, isSystemError } from "./exit-code.js";
import { VERSION } from "./version.js";

hideWebhook();

/**
 * The command line. Reads argv, wires a verb to its function and sets the exit code; every verb's code is loaded only
 * when it is called, so that `list` is quick.
 */
const program = new Command("migstorm")
  .description("Stresses live migration of KVM guests on real libvirt hosts, from declarative scenarios.")
  .version(VERSION)
  .showSuggestionAfterError()
  .showHelpAfterError("(--help shows what there is)")
  .configureHelp({ sortSubcommands: false })
  // What is typed is told again in some messages: no terminal sequence in it may reach the terminal.
  .configureOutput({ writeErr: (text) => process.stderr.write(plainLines(text)) })
  .exitOverride();

const write = (text: string): void => {
  process.stdout.write(text);
};
let code: number = EXIT.ok;
const done = (verdict: number): void => {
  code = verdict;
};

const calls: Calls = { write, done };

addFirstContact(program, calls);
example(
  withEarlier(withSelection(program.command("list").description("print the expanded cases")))
    .option("--count", "print their number only")
    .option("--json", "print them as JSON, with their resolved parameters")
    .action(async (paths, options) => done(await (await import("./commands/list.js")).list(paths, options, write))),
  "list scenarios/smoke.yaml --only 'postcopy cross'",
);

example(
  withEarlier(
    withSelection(
      program.command("plan").description("print every step and every change to a host, without speaking to one"),
    ),
  )
    .addOption(inventoryOption())
    .addOption(hostsOption())
    .addOption(freshOption())
    .option("--json", "print the plans as JSON")
    .action(async (paths, options) => done(await (await import("./commands/plan.js")).plan(paths, options, write))),
  "plan scenarios/smoke.yaml --id smoke.precopy.orderly --inventory cfg/inventory.yaml",
);

example(
  withJob(withEarlier(withSelection(program.command("run").description("run the cases on real hosts"))))
    .option("--failfast", "stop after the first case that fails or errs")
    .option("--repeat <n>", "run the cases so many times, each time as a job of its own", number)
    .option("--until-fail", "again and again until a case fails or errs, 1000 times at most or as --repeat says")
    .action(async (paths, options) =>
      done(await (await import("./commands/run-again.js")).runAgain(paths, options, write)),
    ),
  "run scenarios/smoke.yaml --lab",
  "run scenarios/multivm.yaml --inventory cfg/inventory.yaml",
  "run scenarios/multivm.yaml --last-failed job-results/latest",
  "run scenarios/smoke.yaml --id smoke.precopy.cross --lab --repeat 20 --until-fail",
  "run scenarios/smoke.yaml --keep-on-failure=4h",
);

example(
  withJob(
    withSelection(
      program.command("soak").description("run the cases again and again, and watch the hosts for what grows"),
    ),
  )
    .option("--for <duration>", "end when so much time is over, e.g. 12h; the case under way is finished", timeSpan)
    .option("--passes <n>", "end after so many passes", number)
    .option("--until-fail", "end with the first case that fails or errs")
    .action(async (paths, options) => done(await (await import("./commands/soak.js")).soak(paths, options, write))),
  "soak scenarios/smoke.yaml --lab --for 12h",
  "soak --inventory cfg/inventory.yaml --profile cfg/lab.yaml --order shuffled --passes 20 --until-fail",
);

example(
  program
    .command("resume")
    .description("put the hosts back after a crash, then run what has no verdict yet")
    .argument("<dir>", "folder of the job")
    .option("--failfast", "stop after the first case that fails or errs")
    .addOption(keepOption())
    .addOption(notifyOption())
    .action(async (dir, options) => done(await (await import("./commands/resume.js")).resume(dir, options, write))),
  "resume job-results/latest",
);

addAgainVerbs(program, calls);
addRelease(program, calls);

example(
  program
    .command("recover")
    .description("put hosts back after a crash")
    .argument("[dir]", "folder of the job; default: every job of the results folder that needs it")
    .addOption(resultsOption())
    .option("--give-up <machine>", "this machine never comes back: do not wait for it (repeatable)", collect)
    .action(async (dir, options) => done(await (await import("./commands/recover.js")).recover(dir, options, write))),
  "recover job-results/latest",
  "recover job-results/latest --give-up h2",
);

example(
  program
    .command("report")
    .description("make the reports of a job again")
    .argument("<dir>", "folder of the job")
    .option("--single-file <file>", "write one page for mail too, with the charts of the cases that went wrong in it")
    .action(async (dir, options) => done(await (await import("./commands/report.js")).report(dir, write, options))),
  "report job-results/latest",
  "report job-results/latest --single-file night.html",
);

example(
  program
    .command("recheck")
    .description("judge stored evidence again with today's checks")
    .argument("<dir>", "folder of the job")
    .action(async (dir) => done(await (await import("./commands/report.js")).recheck(dir, write))),
  "recheck job-results/latest",
);

example(
  program
    .command("compare")
    .description("tell what became of an older job in a newer one: failures, numbers, versions and settings")
    .argument("<older>", "folder of the older job")
    .argument("<newer>", "folder of the newer job")
    .option("--json", "print it as JSON")
    .action(async (older, newer, options) =>
      done(await (await import("./commands/compare.js")).compare(older, newer, options, write)),
    ),
  "compare job-results/job-2026-11-20T22.00-ab12cd3 job-results/latest",
);

example(
  program
    .command("history")
    .description("tell how cases went from job to job: verdicts, flakes, silence, changes of versions and settings")
    .argument("[dir]", "folder with the folders of jobs and soaks", "job-results")
    .option("--last <n>", "the latest n jobs only", number)
    .option("--case <id>", "cases with this id only; * stands for anything")
    .option("--json", "print it as JSON")
    .action(async (dir, options) => done(await (await import("./commands/history.js")).history(dir, options, write))),
  "history --last 14 --case 'smoke.*'",
);

serveVerbs(program, { example, done, write });

example(
  program
    .command("capture")
    .description("count packets, bytes and connections per group of ports in a capture file, pcap or pcapng")
    .argument("<file>", "the capture")
    .option("--port <n>", "count this port too (repeatable)", ports)
    .option("--by-port", "also each port that there is")
    .option("--json", "print it as JSON")
    .action(async (file, options) => done(await (await import("./commands/capture.js")).capture(file, options, write))),
  "capture job-results/latest/test-results/CASE/h1.pcap --port 2049",
);

addLabVerbs(program, calls);

example(
  program
    .command("schema")
    .description(
      "print the JSON Schema of scenarios, profiles and inventories, for editors, of results.json and of messages to webhooks",
    )
    .option("--write <folder>", "write the files there instead")
    .action(async (options) => done(await (await import("./commands/schema.js")).schema(options, write))),
  "schema --write cfg/schema",
);

example(
  program
    .command("completion")
    .description("print what a shell loads to complete verbs, options and files")
    .addArgument(new Argument("<shell>", "which one").choices(["bash", "zsh", "fish"]))
    .action(async (shell) => done((await import("./commands/completion.js")).completion(program, shell, write))),
  "completion bash > ~/.local/share/bash-completion/completions/migstorm",
  "completion zsh > ~/.zfunc/_migstorm",
  "completion fish > ~/.config/fish/completions/migstorm.fish",
);

const LINGER_MS = 3_000;

/** Verbs that only print. The others have hosts to put back, whoever listens to them. */
const PRINTING = new Set(["list", "plan", "explain", "compare", "history", "capture", "schema", "completion"]);

// `list | head` closes our output early: that is the reader's right, not an error. A job whose terminal is gone goes on.
process.stdout.on("error", () => {
  if (PRINTING.has(process.argv[2] ?? "")) process.exit(EXIT.ok);
});
process.stderr.on("error", () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  code = exitFor(error);
}
process.exitCode = code;
// The verb is done and its files are closed. A connection to a guest that vanished may linger; it must not keep the program.
setTimeout(() => process.exit(), LINGER_MS).unref();

/** Input errors are told without a stack: they are about the input. */
function exitFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof HarnessError && error.code !== "internal") {
    process.stderr.write(`${plainLines(error.message)}\n`);
    return exitCodeOfError(error);
  }
  const text = error instanceof Error && !isSystemError(error) ? (error.stack ?? error.message) : messageOf(error);
  process.stderr.write(`${plainLines(text)}\n`);
  return exitCodeOfError(error);
}
