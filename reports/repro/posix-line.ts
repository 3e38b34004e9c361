import { UNSEEN } from "../unseen.js";

const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/;
/** They stay as they are: scripts among the arguments have many lines. */
const SEEN = new Set(["\n", "\t"]);

/**
 * The command as a POSIX shell reads it back as exactly these arguments. Characters that cannot be seen are made by
 * printf, so that what is read is what is run.
 */
export const posixLine = (argv: readonly string[]): string => argv.map(posixWord).join(" ");

export function posixWord(text: string): string {
  if (SAFE.test(text)) return text;
  const quoted = `'${text.replaceAll("'", `'\\''`)}'`;
  return quoted.replace(UNSEEN, (char) => (SEEN.has(char) ? char : `'"${madeByPrintf(char)}"'`));
}

/**
 * The text as a here-document behind the line of a command: how it is called there, and what follows in the next lines.
 * A last line without its end gets one.
 */
export function hereDocument(text: string): { readonly redirect: string; readonly lines: string } {
  const isPlain = [...text.matchAll(UNSEEN)].every(([char]) => SEEN.has(char));
  const body = isPlain
    ? text
    : text.replace(/[\\$`]/g, "\\$&").replace(UNSEEN, (char) => (SEEN.has(char) ? char : madeByPrintf(char)));
  const ended = body === "" || body.endsWith("\n") ? body : `${body}\n`;
  const end = endFor(ended.split("\n"));
  return { redirect: isPlain ? `<<'${end}'` : `<<${end}`, lines: `${ended}${end}` };
}

/**
 * A word that ends a here-document of these lines. dash 0.5.12 loses a byte of a line that begins as the word does and goes on with
 * other than ASCII (`E` and `é`): none begins with its first letter, where one is free.
 */
function endFor(lines: readonly string[]): string {
  const free = [..."EABCDFGHIJKLMNOPQRSTUVWXYZ"].find((letter) => !lines.some((line) => line.startsWith(letter)));
  let end = `${free ?? "E"}ND`;
  while (lines.includes(end)) end += "_";
  return end;
}

/** A lone surrogate has no bytes of its own: it becomes U+FFFD, as everywhere. */
const madeByPrintf = (char: string): string =>
  `$(printf '${[...new TextEncoder().encode(char)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}')`;
