import { type Command, Option } from "commander";
import { type Calls, example } from "./options.js";
import { collect } from "./selection.js";

/** Adds the verbs of somebody's first hour: `init`, `doctor`, `explain`. */
export function addFirstContact(program: Command, { write, done }: Calls): void {
  example(
    program
      .command("init")
      .description("ask for two hosts, and write an inventory, a first scenario and a CI file into the current folder")
      .option("--host <name>", "one of the two hosts, as name or name=address (repeatable)", collect)
      .option("--user <name>", "who logs in on both (default: root)")
      .option(
        "--login <how>",
        "path of a private key, agent, or $NAME of a variable with the password (default: agent)",
      )
      .option(
        "--peer <uri>",
        "libvirt URI of a host for the other one, in the order of the hosts (repeatable)",
        collect,
      )
      .option("--bridge <name>", "bridge that guests hang on (default: br0)")
      .option("--storage <where>", "a folder that both have, nfs://SERVER/EXPORT, or none (default: none)")
      .option("--image <path>", "base disk of the guest in that storage, or a kernel on both hosts")
      .addOption(
        new Option("--ci <system>", "which CI file (default: gitlab)").choices(["github", "gitlab", "jenkins", "none"]),
      )
      .option("--yes", "ask nothing: what is not given is as proposed")
      .option("--force", "replace files that are there")
      .action(async (options) => done(await (await import("./init.js")).init(options, write))),
    "init",
    "init --host alpha=192.0.2.11 --host beta=192.0.2.12 --login /etc/migstorm/id_ed25519 --storage /srv/guests --yes",
  );
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
