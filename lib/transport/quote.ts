const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * Quotes one word for a POSIX shell. Anything outside a short list of harmless characters is put between single quotes:
 * a list of dangerous ones is always one character too short.
 */
export const quote = (word: string): string => (SAFE.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** The line a shell must see so that the program gets exactly these arguments. */
export const shellLine = (file: string, args: readonly string[]): string => [file, ...args].map(quote).join(" ");
