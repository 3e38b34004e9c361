import { plainText } from "../../lib/model/plain-text.js";

/**
 * Foreign text as chats may show it: one line in backticks, where they look for no link, mention or emphasis. Some look
 * all the same (Slack for `<…>`), and some know no backticks, so what would be syntax there is written as people still
 * read it. References like `&lt;` are no way: some chats show them as they stand.
 */
export const chatText = (text: string): string => {
  const bare = plainText(text)
    .replaceAll("`", "'")
    .replaceAll("@", "(at)")
    .replaceAll("<", "‹")
    .replaceAll(">", "›")
    .replaceAll("&", "+")
    .replace(/:(?=\/\/)/g, ": ")
    .replace(/\](?=[([])/g, "] ")
    .replace(/\b(mailto|javascript|data|tel):/gi, "$1: ")
    .replace(/\bwww\./gi, "www ");
  return `\`${bare.trim() === "" ? "-" : bare.trim()}\``;
};
