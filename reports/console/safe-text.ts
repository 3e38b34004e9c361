import { plainText } from "../../lib/model/plain-text.js";

/**
 * Foreign text as it may stand in a console line: no control characters, and nothing that the log of a CI server would
 * take for a command. Azure and GitHub look for `##[` and `##vso[` anywhere in a line, the others at its beginning.
 */
export const safeText = (text: string): string =>
  plainText(text)
    .replace(/##(?=\[|vso\[|teamcity\[)/gi, "# #")
    .replace(/\b(section_(?:start|end)):/gi, "$1 :")
    .replace(/^::/, ": :");

/** The same, cut to at most `columns` places of a terminal. */
export const fitted = (text: string, columns: number): string => clip(safeText(text), columns);

/** Places that a text takes on a terminal, never too few: what is not ASCII counts double. */
export function widthOf(text: string): number {
  let columns = 0;
  for (const char of text) columns += widthOfChar(char);
  return columns;
}

function clip(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let [kept, used] = ["", 0];
  for (const char of text) {
    used += widthOfChar(char);
    if (used > columns - 2) break;
    kept += char;
  }
  return columns >= 2 ? `${kept}..` : "";
}

const widthOfChar = (char: string): number => ((char.codePointAt(0) ?? 0) < 0x7f ? 1 : 2);
