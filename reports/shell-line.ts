import { UNSEEN } from "./unseen.js";

const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * The command as a line for people that bash reads back as exactly these arguments. Characters that cannot be seen are
 * written as escapes in `$'…'`, so that what is read is what would be run.
 */
export const shellLine = (argv: readonly string[]): string => argv.map(word).join(" ");

function word(text: string): string {
  if (SAFE.test(text)) return text;
  if (text.search(UNSEEN) < 0) return `'${text.replaceAll("'", `'\\''`)}'`;
  return `$'${text.replace(/['\\]/g, "\\$&").replace(UNSEEN, ansiC)}'`;
}

function ansiC(char: string): string {
  if (char === "\n") return "\\n";
  if (char === "\t") return "\\t";
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}
