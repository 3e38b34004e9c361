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

/** Letters to change, add, leave out or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return Number.POSITIVE_INFINITY;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const cell = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          cell(i - 1, j) + 1,
          cell(i, j - 1) + 1,
          cell(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
          swapped ? cell(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return cell(a.length, b.length);
}
