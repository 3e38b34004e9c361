/** Longer words are not mistyped names, and comparing them takes time. */
const MAX_LENGTH = 64;

/** Words of about the right length that are compared; so many alike would make any hint a guess. */
const MAX_COMPARED = 200;

/** The known word that is meant by a misspelt one, when one is near enough. */
export function suggest(given: string, known: Iterable<string>): string | undefined {
  const limit = given.length < 2 ? 0 : Math.max(1, Math.floor(given.length / 3));
  if (given.length > MAX_LENGTH) return undefined;
  let best: { readonly word: string; readonly distance: number } | undefined;
  let compared = 0;
  for (const word of known) {
    if (Math.abs(word.length - given.length) > limit) continue;
    compared += 1;
    if (compared > MAX_COMPARED) break;
    const away = distance(given.toLowerCase(), word.toLowerCase());
    if (best === undefined || away < best.distance) best = { word, distance: away };
  }
  return best !== undefined && best.distance <= limit ? best.word : undefined;
}

/** `, did you mean autoConverge?`, or nothing. */
export function didYouMean(given: string, known: Iterable<string>): string {
  const word = suggest(given, known);
  return word === undefined ? "" : `, did you mean ${word}?`;
}

/** Letters to change, add, leave out or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  const width = b.length + 1;
  const cells = new Uint16Array((a.length + 1) * width);
  for (let j = 0; j < width; j += 1) cells[j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    cells[i * width] = i;
    for (let j = 1; j < width; j += 1) cells[i * width + j] = cheapest(cells, width, a, b, i, j);
  }
  return cells[a.length * width + b.length] ?? 0;
}

/** From the cells above and to the left to the one of the first `i` letters of `a` and the first `j` of `b`. */
function cheapest(cells: Uint16Array, width: number, a: string, b: string, i: number, j: number): number {
  const at = i * width + j;
  const added = Math.min(cells[at - width] ?? 0, cells[at - 1] ?? 0) + 1;
  const changed = (cells[at - width - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
  const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return Math.min(added, changed, isSwap ? (cells[at - 2 * width - 2] ?? 0) + 1 : changed);
}
