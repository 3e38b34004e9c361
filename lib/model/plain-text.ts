/**
 * What a host or guest printed, as one line that is safe to show: terminal sequences are taken out whole, every other
 * control, bidi or invisible character is dropped, line ends and tabs become a space.
 */
export const plainText = (text: string): string => plainLines(text).replace(/\s+/g, " ").trim();

/** The same over several lines: `\n` and `\t` stay. A lone surrogate becomes U+FFFD. */
export const plainLines = (text: string): string =>
  text
    .replace(SEQUENCE, "")
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(UNPRINTABLE, "");

/**
 * ECMA-48: CSI sequences, then control strings (OSC, DCS, SOS, PM, APC) up to their end, then two-character escapes. A
 * string that never ends loses its introducer only, so that nothing can swallow the text behind it.
 */
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f\n]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]/g;

const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Noncharacter_Code_Point}]/gu;
