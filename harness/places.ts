import { HarnessError } from "../lib/errors.js";
import { plainText } from "../lib/model/plain-text.js";
import type { SchemaProblem } from "../lib/model/schema-problems.js";
import { didYouMean } from "./suggest.js";

/** A place in a file: a path of keys and indices, as zod tells it. */
export type Path = SchemaProblem["path"];
export type Problem = SchemaProblem;

/** More would bury the first, which is often the cause of the rest. */
const MAX_TOLD = 50;

export const badInput = (problems: readonly string[]): HarnessError =>
  new HarnessError("bad-input", problems.join("\n"), { problems });

/** A text and where everything in it stands, so that problems can be told as `file:line:column`. */
export interface Source {
  readonly file: string;
  readonly text: string;
  /** Offset of every value by its path (`keyOf`); of the key, for an entry of a mapping. */
  readonly offsets: ReadonlyMap<string, number>;
}

export const keyOf = (path: Path): string => JSON.stringify(path.map(String));

/** One text per problem, in the order of the file: `file:line:column: place: message`, the line itself and a caret. */
export function describe(source: Source, problems: readonly Problem[]): string[] {
  const placed = problems
    .map((problem) => ({ problem, offset: offsetOf(source, problem.path) }))
    .sort((a, b) => a.offset - b.offset);
  const told = placed.slice(0, MAX_TOLD).map(({ problem, offset }) => {
    const { path, message, unknown } = problem;
    const hint = unknown === undefined ? "" : didYouMean(unknown.word, unknown.known);
    return at(source, offset, `${path.length === 0 ? "" : `${path.map(String).join(".")}: `}${message}${hint}`);
  });
  const rest = placed.length - told.length;
  return rest === 0 ? told : [...told, `${plainText(source.file)}: and ${rest} more`];
}

/** `file:line:column` of a path; of the nearest thing around it, when it has no place of its own. */
export function placeOf(source: Source, path: Path): string {
  const before = source.text.slice(0, offsetOf(source, path));
  const line = before.split("\n").length;
  return `${plainText(source.file)}:${line}:${before.length - before.lastIndexOf("\n")}`;
}

/** What is missing has no place of its own: then the nearest thing around it is named. */
function offsetOf({ offsets }: Source, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = offsets.get(keyOf(path.slice(0, length)));
    if (offset !== undefined) return offset;
  }
  return 0;
}

/** Characters of a long line that are shown before and after the place. */
const AROUND = 50;

/** One message with its place. What stands in the file never reaches a terminal as it is. */
export function at({ file, text }: Pick<Source, "file" | "text">, offset: number, message: string): string {
  const lineStart = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  const lineEnd = text.indexOf("\n", offset);
  const line = text.slice(0, lineStart).split("\n").length;
  const from = Math.max(lineStart, offset - AROUND);
  const to = Math.min(lineEnd === -1 ? text.length : lineEnd, offset + AROUND);
  const shown = harmless(text.slice(from, to));
  return `${plainText(file)}:${line}:${offset - lineStart + 1}: ${shortened(plainText(message))}\n    ${shown}\n    ${" ".repeat(offset - from)}^`;
}

/** Characters of a message: it quotes words of the file, which may be of any length. */
const MAX_MESSAGE = 500;
const shortened = (text: string): string => (text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text);

/** Character for character, so that the caret stays where it belongs. */
const harmless = (text: string): string =>
  text
    .replace(/\r$/, "")
    .replace(/\t/g, " ")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, "?");
