import { type Command, InvalidArgumentError, Option } from "commander";
import { duration } from "../../lib/model/units.js";
import { hostsOption } from "./hosts.js";

export const inventoryOption = (): Option =>
  new Option("--inventory <file>", "the hosts").default("cfg/inventory.yaml");
export const resultsOption = (): Option =>
  new Option("--results-dir <folder>", "where jobs leave their folders").default("job-results");
export const freshOption = (): Option =>
  new Option("--fresh", "boot guests anew for every case, even where those of the case before would fit");
export const keepOption = (): Option =>
  new Option("--keep-on-failure [duration]", "leave guests and hosts as the first case left them that fails or errs")
    .argParser(keepTime)
    .preset("8h");
export const notifyOption = (): Option =>
  new Option(
    "--notify <where>",
    "tell a webhook of the first failure, of the end, and of a runner that was killed: its URL, or the name of the environment variable that holds it (default: MIGSTORM_NOTIFY)",
  );
export const labNameOption = (): Option =>
  new Option("--name <name>", "several labs may stand side by side").default("lab");

/** What a verb is given to call. */
export interface Calls {
  readonly write: (text: string) => void;
  /** Sets the exit code. */
  readonly done: (verdict: number) => void;
}

/** Adds example lines to the help of a verb. */
export const example = (verb: Command, ...lines: string[]): Command =>
  verb.addHelpText("after", `\nExample:\n${lines.map((line) => `  npx migstorm ${line}`).join("\n")}`);

/** Where jobs run; the same options for every verb that runs some. */
export const withPlace = (verb: Command, inventory = "cfg/inventory.yaml"): Command =>
  verb
    .option("--inventory <file>", `the hosts (default: ${inventory})`)
    .option("--lab", "bring up a lab of two hosts on this machine, run there, take it down")
    .option("--memory <MiB>", "with --lab: memory that each of its hosts may use, in MiB", number)
    .addOption(hostsOption())
    .addOption(resultsOption());

/** The same, and how: for verbs whose jobs are what somebody asked for, and not a means. */
export const withJob = (verb: Command, inventory?: string): Command =>
  withPlace(verb, inventory).addOption(freshOption()).addOption(keepOption()).addOption(notifyOption());

/** `12h` → milliseconds. */
export const timeSpan = (text: string): number => {
  const { data: ms } = duration.safeParse(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError("Write a duration above zero, e.g. 90s, 30m or 12h.");
};

/** What stands behind the option may be meant for the verb. */
function keepTime(text: string): number {
  if (/\.ya?ml$|\/|\./.test(text))
    throw new InvalidArgumentError("That is no duration: write --keep-on-failure=8h, or put the option last.");
  return timeSpan(text);
}

/** A whole number, 1 or more. */
export const number = (text: string): number => {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number, 1 or more.");
};

/** Ports, one after the other. */
export const ports = (text: string, before: readonly number[] = []): number[] => {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535) return [...before, Number(text)];
  throw new InvalidArgumentError("Write a port, 1 to 65535.");
};
