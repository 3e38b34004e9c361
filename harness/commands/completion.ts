import type { Argument, Command, Option } from "commander";
import { bashCompletion } from "../completion/bash.js";
import { fishCompletion } from "../completion/fish.js";
import type { CompletionOption, CompletionVerb, Values } from "../completion/verb.js";
import { zshCompletion } from "../completion/zsh.js";

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export type Shell = keyof typeof SCRIPTS;

/** Prints what a shell has to load to complete this program's command line, made from that itself. @returns the exit code */
export function completion(program: Command, shell: Shell, write: (text: string) => void): number {
  write(SCRIPTS[shell](verbOf(program)));
  return 0;
}

function verbOf(command: Command): CompletionVerb {
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    summary: command.description(),
    options: [...command.options.filter(({ hidden }) => !hidden).map(optionOf), HELP],
    ...(argument === undefined ? {} : { argument: valuesOfArgument(argument) }),
    verbs: command.commands.map(verbOf),
  };
}

const HELP: CompletionOption = { name: "--help", summary: "display help for command" };

const optionOf = (option: Option): CompletionOption => ({
  name: option.long ?? option.flags,
  summary: option.description,
  ...(option.required || option.optional ? { values: valuesOfOption(option) } : {}),
});

/** What a value is stands in the angle brackets of the option's help. */
function valuesOfOption({ argChoices, flags }: Option): Values {
  if (argChoices !== undefined) return argChoices;
  const [, word = ""] = /[<[](\w+)/.exec(flags) ?? [];
  return kindOf(word) ?? "text";
}

const valuesOfArgument = (argument: Argument): Values => argument.argChoices ?? kindOf(argument.name()) ?? "text";

function kindOf(word: string): Values | undefined {
  if (/^(?:dir|folder)/.test(word)) return "folders";
  return /^(?:file|scenario)/.test(word) ? "files" : undefined;
}
