/** Lines around one that is pointed to. */
const AROUND = 10;
/** Of what there is room for, so much goes to the beginning; the end of a log says more. */
const BEGINNING = 1 / 3;

/**
 * Which lines of a log a page has room for, from 1 and in their order: those that are pointed to with what stands around them,
 * then the beginning and the end.
 * @param sizes bytes that each line takes
 */
export function keptLines(sizes: readonly number[], pointed: ReadonlySet<number>, bytes: number): readonly number[] {
  const kept = new Set<number>();
  let room = bytes;
  const keep = (number: number): boolean => {
    const size = sizes[number - 1];
    if (size === undefined || kept.has(number)) return true;
    if (size > room) return false;
    room -= size;
    kept.add(number);
    return true;
  };
  for (const line of pointed) keep(line);
  for (const line of pointed)
    for (let number = line - AROUND; number <= line + AROUND; number += 1) if (!keep(number)) break;
  const end = room * (1 - BEGINNING);
  for (let number = 1; number <= sizes.length && room > end; number += 1) if (!keep(number)) break;
  for (let number = sizes.length; number >= 1; number -= 1) if (!keep(number)) break;
  return [...kept].sort((a, b) => a - b);
}
