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
function distance(left: string, right: string): number {
  const [a, b] = withoutCommonEnds(left, right);
  const width = b.length + 1;
  const cells = new Uint16Array((a.length + 1) * width);
  for (let j = 0; j < width; j += 1) cells[j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    const here = i * width;
    cells[here] = i;
    for (let j = 1; j < width; j += 1) {
      const at = here + j;
      const cell = (back: number): number => cells[at - back] ?? 0;
      const changed = cell(width + 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      cells[at] = Math.min(cell(width) + 1, cell(1) + 1, changed, swapped ? cell(2 * width + 2) + 1 : changed);
    }
  }
  return cells[a.length * width + b.length] ?? 0;
}

/** What two words share at both ends costs nothing; comparing the rest alone keeps hundreds of long words quick. */
function withoutCommonEnds(a: string, b: string): [string, string] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}
