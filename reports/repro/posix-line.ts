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
  let end = "END";
  while (text.split("\n").includes(end)) end += "_";
  const isPlain = [...text.matchAll(UNSEEN)].every(([char]) => SEEN.has(char));
  const body = isPlain
    ? text
    : text.replace(/[\\$`]/g, "\\$&").replace(UNSEEN, (char) => (SEEN.has(char) ? char : madeByPrintf(char)));
  const ended = body === "" || body.endsWith("\n") ? body : `${body}\n`;
  return { redirect: isPlain ? `<<'${end}'` : `<<${end}`, lines: `${ended}${end}` };
}

/** A lone surrogate has no bytes of its own: it becomes U+FFFD, as everywhere. */
const madeByPrintf = (char: string): string =>
  `$(printf '${[...new TextEncoder().encode(char)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}')`;
