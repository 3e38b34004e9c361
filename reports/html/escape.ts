import { UNSEEN } from "../unseen.js";

const MARKUP: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Foreign text as it may stand in an element or a quoted attribute: markup becomes text, and what cannot be seen becomes
 * visible, `\x1b` for ESC and `\u202e` for a bidi override. Line ends and tabs stay. Longer text than `limit` is cut.
 */
export const escapeHtml = (text: string, limit = 2_000): string =>
  text.length <= limit && HARMLESS.test(text) ? text : escaped(text, limit);

/** Most texts, and reports have very many: one look instead of two replacements. */
const HARMLESS = /^[\x20!#-%(-;=?-~]*$/;

const escaped = (text: string, limit: number): string =>
  (text.length > limit ? `${text.slice(0, limit)} … ${text.length - limit} more characters in results.json` : text)
    .replace(/[&<>"']/g, (char) => MARKUP[char] ?? "")
    .replace(UNSEEN, visible);

function visible(char: string): string {
  if (char === "\n" || char === "\t") return char;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}
