import { type CompletionVerb, type PlacedVerb, placed, quoted, type Values } from "./verb.js";

/** A script for zsh, to be loaded or to lie as `_migstorm` in a folder of `fpath`. Pure. */
export function zshCompletion(program: CompletionVerb): string {
  const name = `_${program.name}`;
  return `#compdef ${program.name}
# zsh completion of ${program.name}; load it after compinit with: source <(${program.name} completion zsh)
${placed(program)
  .map((one) => functionOf(name, one))
  .join("\n")}
if [[ $funcstack[1] == ${name} ]]; then ${name} "$@"; else compdef ${name} ${program.name}; fi
`;
}

const functionName = (root: string, path: readonly string[]): string => [root, ...path].join("_");

function functionOf(root: string, { path, verb }: PlacedVerb): string {
  const specs = verb.options.map(({ name, summary, values }) =>
    quoted(
      `*${name}${values === undefined ? "" : "="}[${escaped(summary)}]${values === undefined ? "" : action(name.slice(2), values)}`,
    ),
  );
  const lines = verb.verbs.length > 0 ? dispatch(root, path, verb, specs) : leaf(verb, specs);
  return [`${functionName(root, path)}() {`, ...lines.map((line) => `  ${line}`), "}"].join("\n");
}

const leaf = ({ argument }: CompletionVerb, specs: readonly string[]): string[] => [
  ["_arguments -s", ...specs, ...(argument === undefined ? [] : [quoted(`*${action("argument", argument)}`)])].join(
    " \\\n    ",
  ),
];

const dispatch = (
  root: string,
  path: readonly string[],
  { verbs }: CompletionVerb,
  specs: readonly string[],
): string[] => [
  "local context state state_descr line",
  "local -a verbs",
  "typeset -A opt_args",
  `_arguments -C ${[...specs, "'1:verb:->verb'", "'*::argument:->rest'"].join(" \\\n    ")} && return`,
  "case $state in",
  `  verb) verbs=(${verbs.map(({ name, summary }) => quoted(`${name}:${summary}`)).join(" ")}); _describe verb verbs ;;`,
  "  rest) case $words[1] in",
  ...verbs.map(({ name }) => `    ${name}) ${functionName(root, [...path, name])} ;;`),
  "  esac ;;",
  "esac",
];

function action(what: string, values: Values): string {
  if (values === "text") return `:${what}: `;
  if (values === "files") return `:${what}:_files`;
  if (values === "folders") return `:${what}:_files -/`;
  return `:${what}:(${values.join(" ")})`;
}

const escaped = (text: string): string => text.replace(/[[\]:\\]/g, "\\$&");
