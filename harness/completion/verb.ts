/** What may stand where a value is typed: paths, one of some words, or anything. */
export type Values = "files" | "folders" | "text" | readonly string[];

export interface CompletionOption {
  /** `--only`. */
  readonly name: string;
  readonly summary: string;
  /** Absent: it takes none. */
  readonly values?: Values;
}

/** A verb as shells have to know it, or the program itself. */
export interface CompletionVerb {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletionOption[];
  /** Of what is no option; absent: there is no such argument. */
  readonly argument?: Values;
  readonly verbs: readonly CompletionVerb[];
}

/** A verb with the words that lead to it: none for the program, `lab`, `up` for `lab up`. */
export interface PlacedVerb {
  readonly path: readonly string[];
  readonly verb: CompletionVerb;
}

/** Every verb of a tree, the program first. */
export const placed = (verb: CompletionVerb, path: readonly string[] = []): readonly PlacedVerb[] => [
  { path, verb },
  ...verb.verbs.flatMap((inner) => placed(inner, [...path, inner.name])),
];

/** A text in single quotes, for bash and zsh. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
