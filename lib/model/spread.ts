/** How measured values lie. Quartiles lie between two neighbours in proportion. */
export interface Spread {
  readonly count: number;
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
}

/** Undefined of nothing: what was not measured has no median, and it is not 0. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const inOrder = [...values].sort((a, b) => a - b);
  const at = (part: number): number => {
    const position = (inOrder.length - 1) * part;
    const below = inOrder[Math.floor(position)] ?? Number.NaN;
    const above = inOrder[Math.ceil(position)] ?? Number.NaN;
    return below + (above - below) * (position - Math.floor(position));
  };
  return { count: values.length, lower: at(0.25), median: at(0.5), upper: at(0.75) };
}
