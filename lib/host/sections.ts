/**
 * Splits what a script printed into its sections, each begun by a line `== name`. One command with sections instead of
 * one command a question: ten questions to a far host are ten round trips.
 */
export function sections(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of text.split("\n")) {
    const name = /^== ([a-z-]+)$/.exec(line)?.[1];
    if (name !== undefined) {
      current = [];
      found.set(name, current);
    } else if (line !== "") current?.push(line);
  }
  return found;
}
