import type { Command } from "commander";
import { type Calls, example, labNameOption, number } from "./options.js";

/** The verbs of the lab, each loaded when it is called. */
export function addLabVerbs(program: Command, { write, done }: Calls): void {
  const lab = program.command("lab").description("two libvirt hosts and a storage machine on this machine");
  example(
    lab
      .command("up")
      .description("bring a lab up and print its inventory's path")
      .addOption(labNameOption())
      .option("--hosts <n>", "how many hosts", number, 2)
      .option(
        "--memory <MiB>",
        "memory that each host may use, in MiB (default: its share of most of what is free)",
        number,
      )
      .option("--json", "print what was made as JSON")
      .action(async ({ name, hosts, memory, json }) =>
        done(await (await import("./lab.js")).labUpVerb({ name, hosts, memoryMiB: memory, json }, write)),
      ),
    "lab up --name mine",
  );
  example(
    lab
      .command("down")
      .description("take a lab down, whatever state it is in")
      .addOption(labNameOption())
      .action(async (options) => done(await (await import("./lab.js")).labDownVerb(options, write))),
    "lab down --name mine",
  );
  example(
    lab
      .command("status")
      .description("list the labs on this machine")
      .option("--json", "print them as JSON")
      .action(async (options) => done(await (await import("./lab.js")).labStatusVerb(options, write))),
    "lab status",
  );
}
