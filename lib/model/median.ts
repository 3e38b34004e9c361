/** The middle one, or the middle of the two; of nothing there is none. */
export function median(values: readonly number[]): number | undefined {
  const inOrder = [...values].sort((a, b) => a - b);
  const low = inOrder[Math.floor((inOrder.length - 1) / 2)];
  const high = inOrder[Math.floor(inOrder.length / 2)];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
