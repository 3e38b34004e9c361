import { type CompletionVerb, type PlacedVerb, placed, type Values } from "./verb.js";

/** A script for fish. Pure. */
export const fishCompletion = (program: CompletionVerb): string =>
  [
    `# fish completion of ${program.name}; load it with: ${program.name} completion fish | source`,
    `complete -c ${program.name} -f`,
    ...placed(program).flatMap((one) => linesOf(program.name, one)),
    "",
  ].join("\n");

function linesOf(program: string, { path, verb }: PlacedVerb): string[] {
  const names = verb.verbs.map(({ name }) => name);
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const inVerb = names.length === 0 ? seen : [...seen, `not __fish_seen_subcommand_from ${names.join(" ")}`];
  const start = `complete -c ${program} -n ${quoted(inVerb.join("; and "))}`;
  return [
    ...verb.verbs.map(({ name, summary }) => `${start} -a ${name} -d ${quoted(summary)}`),
    ...verb.options.map(
      ({ name, summary, values }) =>
        `${start} -l ${name.slice(2)}${values === undefined ? "" : `${values === "files" ? " -r" : " -x"}${words(values)}`} -d ${quoted(summary)}`,
    ),
    ...(verb.argument === undefined ? [] : [`${start}${words(verb.argument)}`]),
  ];
}

function words(values: Values): string {
  if (values === "text") return "";
  if (values === "files") return " -F";
  if (values === "folders") return " -a '(__fish_complete_directories)'";
  return ` -a ${quoted(values.join(" "))}`;
}

/** In fish a backslash counts inside single quotes too. */
const quoted = (text: string): string => `'${text.replace(/['\\]/g, "\\$&")}'`;
