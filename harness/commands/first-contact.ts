import type { Command } from "commander";
import { type Calls, example } from "./options.js";

/** Adds the verbs of somebody's first hour: `doctor`. */
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
}
