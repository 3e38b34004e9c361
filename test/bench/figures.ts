/** Medians and spreads: the machine is shared, so that one slow round must not decide. */
export interface Figures {
  readonly medianMs: number;
  /** The middle half of the rounds lies between these. */
  readonly lowerMs: number;
  readonly upperMs: number;
  readonly rounds: number;
}

export const figuresOf = (valuesMs: readonly number[]): Figures => ({
  medianMs: quantile(valuesMs, 0.5),
  lowerMs: quantile(valuesMs, 0.25),
  upperMs: quantile(valuesMs, 0.75),
  rounds: valuesMs.length,
});

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Between two neighbours in proportion; nothing measured is NaN, never zero. */
function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * part;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}
