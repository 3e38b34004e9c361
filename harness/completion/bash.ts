import { type CompletionVerb, type PlacedVerb, placed, quoted, type Values } from "./verb.js";

/** A script for bash 4 and later that completes verbs, options, words and paths. Pure. */
export function bashCompletion(program: CompletionVerb): string {
  const verbs = placed(program);
  return `# bash completion of ${program.name}; load it with: source <(${program.name} completion bash)
_${program.name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path= i
  # bash takes = for a word of its own.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/\${COMP_WORDS[i]}" in
      ${verbs.slice(1).map(pathOf).join(" | ")}) path+=/\${COMP_WORDS[i]} ;;
    esac
  done
  case "$path $prev" in
${verbs.flatMap((one) => valueRows(program.name, one)).join("\n")}
  esac
  case "$path" in
${verbs.map((one) => verbRow(program.name, one)).join("\n")}
  esac
}
_${program.name}_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}
_${program.name}_paths() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}
complete -F _${program.name} ${program.name}
`;
}

const pathOf = ({ path }: PlacedVerb): string => path.map((word) => `/${word}`).join("");

const valueRows = (program: string, one: PlacedVerb): string[] =>
  one.verb.options.flatMap(({ name, values }) =>
    values === undefined ? [] : [`    ${quoted(`${pathOf(one)} ${name}`)}) ${action(program, values)}; return ;;`],
  );

function verbRow(program: string, one: PlacedVerb): string {
  const { options, verbs, argument } = one.verb;
  const names = options.map(({ name }) => name);
  const rest = action(program, argument ?? verbs.map(({ name }) => name));
  return `    ${quoted(pathOf(one))}) if [[ $cur == -* ]]; then ${action(program, names)}; else ${rest}; fi ;;`;
}

function action(program: string, values: Values): string {
  if (values === "text") return ":";
  if (values === "files") return `_${program}_paths -f`;
  if (values === "folders") return `_${program}_paths -d`;
  return values.length === 0 ? ":" : `_${program}_words ${quoted(values.join(" "))}`;
}
