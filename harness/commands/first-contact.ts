import type { Command } from "commander";
import { collect } from "./selection.js";
import { type Calls, example } from "./options.js";

/** Adds the verbs of somebody's first hour: `doctor`, `explain`. */
export function addFirstContact(program: Command, { write, done }: Calls): void {
  example(
    program
      .command("doctor")
      .description("look at the hosts and say what is missing, each with the command that mends it; changes nothing")
      .option("--inventory <file>", "the hosts (default: cfg/inventory.yaml)")
      .option("--lab", "bring up a lab of two hosts on this machine, look at it, take it down")
      .option("--verbose", "also what is well, and what could not be asked")
      .option("--json", "print all answers as JSON")
      .action(async (options) => done(await (await import("./doctor.js")).doctor(options, write))),
    "doctor --inventory cfg/inventory.yaml",
  );
  example(
    program
      .command("explain")
      .description("say where each value of a case comes from, what each filter leaves out, and what will be done")
      .argument("<case>", "its id, or that of a test; * stands for anything")
      .argument("[scenario...]", "scenario files; default: all of scenarios/")
      .option("--only <words>", "tell what this filter of `list` and `run` leaves out (repeatable)", collect)
      .option("--no <words>", "the same", collect)
      .option("--tag <tag>", "the same", collect)
      .option("--profile <file>", "with the numbers of this profile")
      .option("--inventory <file>", "also every step and every change on these hosts, as `plan` prints them")
      .option("--json", "print it as JSON")
      .action(async (id, paths, options) =>
        done(await (await import("./explain.js")).explain(id, paths, options, write)),
      ),
    "explain smoke.precopy.cross scenarios/smoke.yaml --profile cfg/lab.yaml",
  );
}
