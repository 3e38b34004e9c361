/** The known word that is meant by a misspelt one, when one is near enough. */
export function suggest(given: string, known: Iterable<string>): string | undefined {
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const word of known) {
    const away = distance(given.toLowerCase(), word.toLowerCase());
    if (best === undefined || away < best.distance) best = { word, distance: away };
  }
  const limit = Math.max(1, Math.floor(given.length / 3));
  return best !== undefined && best.distance <= limit ? best.word : undefined;
}

/** `, did you mean autoConverge?`, or nothing. */
export function didYouMean(given: string, known: Iterable<string>): string {
  const word = suggest(given, known);
  return word === undefined ? "" : `, did you mean ${word}?`;
}

/** Levenshtein: letters to change, add or leave out. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? Number.POSITIVE_INFINITY;
}
